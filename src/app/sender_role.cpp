// The sender: the email processor, the sessions on the transport's threads, and the one writer.
//
// Draining: nothing new is claimed, sessions without a permit give their rows back, those with one
// wait for their answer as long as the dot may take, and the writer writes all of it.
#include <unistd.h>

#include <array>

#include "app/part_configs.hpp"
#include "app/wiring.hpp"
#include "base/log.hpp"
#include "mail/composer.hpp"
#include "mail/link_tracker.hpp"
#include "mail/oauth_tokens.hpp"
#include "mail/smtp_transport.hpp"
#include "store/account_store.hpp"
#include "workers/email_processor.hpp"

namespace sequitur::app {

namespace {

/// Providers are reached by the same rules as mail servers.
mail::HttpsOptions https_options(const Config& config) {
    const auto smtp = smtp_options(config);
    return {.ca_file = smtp.ca_file, .private_hosts = smtp.private_hosts};
}

/// Sessions, transport and writer need each other; both are attached before anything begins.
class SenderRole final : public Role {
public:
    SenderRole(Engine& engine, const workers::SenderConfig& config)
        : config_(config),
          clock_(engine.clock),
          accounts_(engine.hot, engine.secrets),
          tracker_(engine.links.tokens(), engine.config.list("tracking.skip_hosts")),
          sessions_(config, engine.clock, engine.metrics),
          writer_(engine.queue, sessions_, engine.producer_bell, engine.relay_bell, {}, engine.surroundings()),
          tokens_(accounts_, engine.clock,
                  [https = https_options(engine.config)](const auto& url, const auto& form) {
                      return mail::https_post(url, form, https);
                  }),
          transport_(smtp_options(engine.config), sessions_, engine.clock, &tokens_),
          processor_(engine.bus(), engine.queue, sessions_,
                     workers::Letters{engine.queue,
                                      accounts_,
                                      composer_,
                                      {&tracker_, link_settings(engine.config)},
                                      {&engine.links.tokens(), footer(engine.config)}},
                     config, engine.surroundings()) {
        sessions_.attach(transport_, writer_);
        engine.metrics.gauge_read_by("sequitur_smtp_connections", "SMTP connections open now, idle ones included.", {},
                                     [this] { return one(static_cast<double>(transport_.connections())); });
        engine.metrics.gauge_read_by("sequitur_emails_in_flight", "Emails between claim and outcome in this process.",
                                     {}, [this] { return one(static_cast<double>(sessions_.open())); });
    }

    void start() override {
        writer_.start();
        processor_.start();
    }

    void ask_to_stop() override {
        processor_.ask_to_stop();
        transport_.drain();
    }

    void stop() override {
        processor_.stop();
        transport_.drain();
        wait_for_answers();
        writer_.stop();
    }

    std::optional<std::string> trouble() const override {
        if (processor_.health().failing_since) return "sender can not claim: no database or no bus";
        if (writer_.health().failing_since) return "sender can not record: no database";
        return std::nullopt;
    }

private:
    static std::vector<metrics::Sample> one(double value) { return {{.values = {}, .value = value}}; }

    void wait_for_answers() {
        const auto until = clock_.steady_now() + config_.dot_timeout() + std::chrono::seconds{10};
        Doorbell nobody;
        while (sessions_.open() > 0 || !writer_.idle()) {
            if (clock_.steady_now() > until) {
                log::warn("stopping with emails on their way; their leases settle them",
                          {{"emails", sessions_.open()}});
                return;
            }
            nobody.wait(std::chrono::milliseconds{20}, {});
        }
    }

    const workers::SenderConfig config_;
    const Clock& clock_;
    store::AccountStore accounts_;
    mail::MimeComposer composer_;
    const mail::SplicingLinkTracker tracker_;
    workers::Sessions sessions_;
    workers::OutcomeWriter writer_;
    mail::OAuthTokens tokens_;
    mail::SmtpTransport transport_;      // its end ends sessions, which tell the writer
    workers::EmailProcessor processor_;  // last: it begins sessions
};

std::string this_worker() {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    return std::string{host.data()} + ":" + std::to_string(::getpid());
}

}  // namespace

std::unique_ptr<Role> wire_sender(Engine& engine) {
    auto config = sender_config(engine.config);
    config.worker = this_worker();
    return std::make_unique<SenderRole>(engine, config);
}

}  // namespace sequitur::app
