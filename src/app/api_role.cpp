// The API: stores on one pool, the endpoints on them, the server.
//
// Draining: /readyz says 503 at once, calls go on until the other roles have stopped, then the
// server answers what was asked and closes. The hits that came until then are published, or wait for the next start.
#include <unistd.h>

#include "app/part_configs.hpp"
#include "app/wiring.hpp"
#include "base/log.hpp"
#include "bus/hit_spool.hpp"
#include "http/contact_book_api.hpp"
#include "http/contacts_api.hpp"
#include "http/emails_api.hpp"
#include "http/enrollments_api.hpp"
#include "http/mailboxes_api.hpp"
#include "http/opt_out_api.hpp"
#include "http/reports_api.hpp"
#include "http/sequences_api.hpp"
#include "http/suppressions_api.hpp"
#include "http/tracking_api.hpp"
#include "store/contact_book_store.hpp"
#include "store/contact_store.hpp"
#include "store/email_store.hpp"
#include "store/gauges.hpp"
#include "store/mailbox_store.hpp"
#include "store/opt_out_store.hpp"
#include "store/report_store.hpp"
#include "store/sequence_store.hpp"
#include "store/suppression_store.hpp"
#include "workers/hit_relay.hpp"

namespace sequitur::app {

namespace {

store::DueSignal due_signal(Engine& engine) {
    return store::DueSignal{[&engine] { engine.producer_bell.ring(); }};
}

void register_gauges(Engine& engine) {
    engine.metrics.gauge_read_by(
        "sequitur_queue_oldest_due_age_seconds", "Age of the oldest email that is due and could leave now.", {},
        [&engine] { return std::vector<metrics::Sample>{{{}, store::read_gauges(engine.api).oldest_due_seconds}}; });
    engine.metrics.gauge_read_by("sequitur_outbox_unpublished", "Records that the relay has not published yet.", {},
                                 [&engine] {
                                     const auto waiting = store::read_gauges(engine.api).outbox_unpublished;
                                     return std::vector<metrics::Sample>{{{}, static_cast<double>(waiting)}};
                                 });
    engine.metrics.gauge_read_by("sequitur_kafka_consumer_lag", "Records behind the newest, on either bus.",
                                 {"group", "topic", "partition"}, [&engine] {
                                     std::vector<metrics::Sample> samples;
                                     for (const auto& lag : engine.bus().lag())
                                         samples.push_back({{lag.group, lag.topic, std::to_string(lag.partition)},
                                                            static_cast<double>(lag.records)});
                                     return samples;
                                 });
}

/// A folder for each database: hits must not get onto another one's bus.
std::filesystem::path spool_folder(const Engine& engine) {
    const auto& setting = engine.config.text("tracking.spool");
    const auto folder = std::filesystem::path{setting} / engine.links.name();
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error || ::access(folder.c_str(), R_OK | W_OK | X_OK) != 0)
        throw ConfigError("tracking.spool: hits of tracking links can not be kept in '" + setting +
                          "'; name a folder on a local disk that this user may write to");
    return folder;
}

class ApiRole final : public Role {
public:
    ApiRole(Engine& engine, http::SystemApi& system)
        : engine_(engine),
          sequences_(engine.api, engine.clock, due_signal(engine)),
          contacts_(engine.api, engine.clock, engine.secrets, engine.config.duration("schedule.day"),
                    due_signal(engine)),
          book_(engine.api, engine.secrets),
          suppressions_(engine.api, engine.clock, engine.secrets),
          mailboxes_(engine.api, engine.secrets, engine.clock, due_signal(engine)),
          emails_(engine.api),
          reports_(engine.api),
          hits_(spool_folder(engine), engine.clock, hits_bell_),
          hit_relay_(hits_, engine.bus(), hits_bell_, engine.surroundings()),
          opt_outs_(engine.api),
          sequences_api_(sequences_),
          contacts_api_(contacts_),
          book_api_(book_),
          enrollments_api_(contacts_),
          suppressions_api_(suppressions_),
          mailboxes_api_(mailboxes_, engine.config.list("smtp.plaintext_hosts"), link_settings(engine.config)),
          emails_api_(emails_),
          reports_api_(reports_),
          tracking_api_(engine.links.tokens(), hits_, engine.clock, engine.metrics, trusted_proxies(engine.config)),
          opt_out_api_(opt_outs_, engine.links.tokens(), engine.config.text("mail.organisation"), engine.metrics),
          system_api_(system) {
        sequences_api_.add_to(router_);
        contacts_api_.add_to(router_);
        book_api_.add_to(router_);
        enrollments_api_.add_to(router_);
        suppressions_api_.add_to(router_);
        mailboxes_api_.add_to(router_);
        emails_api_.add_to(router_);
        reports_api_.add_to(router_);
        tracking_api_.add_to(router_);
        opt_out_api_.add_to(router_);
        system_api_.add_to(router_);
        register_gauges(engine);
    }

    void start() override {
        hit_relay_.start();
        server_ = std::make_unique<http::Server>(http_config(engine_.config), router_, engine_.clock, engine_.metrics);
        log::info("listening", {{"address", engine_.config.text("http.listen")}, {"port", server_->port()}});
    }
    void ask_to_stop() override {}  // calls go on until the other roles have stopped
    void stop() override {
        if (server_) server_->stop();
        hit_relay_.stop();
        publish_the_rest();
    }
    std::optional<std::string> trouble() const override { return std::nullopt; }

private:
    /// What is not published now is what the next process finds.
    void publish_the_rest() {
        try {
            hit_relay_.drain(engine_.clock.now());
        } catch (const std::exception& error) {
            log::warn("hits stay in the spool until the next start", {{"reason", error.what()}});
        }
    }

    Engine& engine_;
    store::SequenceStore sequences_;
    store::ContactStore contacts_;
    store::ContactBookStore book_;
    store::SuppressionStore suppressions_;
    store::MailboxStore mailboxes_;
    store::EmailStore emails_;
    store::ReportStore reports_;
    Doorbell hits_bell_;
    bus::HitSpool hits_;
    workers::HitRelay hit_relay_;
    store::OptOutStore opt_outs_;
    http::SequencesApi sequences_api_;
    http::ContactsApi contacts_api_;
    http::ContactBookApi book_api_;
    http::EnrollmentsApi enrollments_api_;
    http::SuppressionsApi suppressions_api_;
    http::MailboxesApi mailboxes_api_;
    http::EmailsApi emails_api_;
    http::ReportsApi reports_api_;
    http::TrackingApi tracking_api_;
    http::OptOutApi opt_out_api_;
    http::SystemApi& system_api_;
    http::Router router_;
    std::unique_ptr<http::Server> server_;  // last: its threads use all of the above
};

}  // namespace

std::unique_ptr<Role> wire_api(Engine& engine, http::SystemApi& system) {
    return std::make_unique<ApiRole>(engine, system);
}

}  // namespace sequitur::app
