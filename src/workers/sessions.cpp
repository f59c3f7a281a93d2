#include "workers/sessions.hpp"

#include <array>

#include "base/log.hpp"
#include "base/match.hpp"
#include "domain/effective_message_id.hpp"
#include "domain/messages.hpp"
#include "domain/settlement.hpp"
#include "workers/check.hpp"

namespace sequitur::workers {

namespace {

using domain::Blame;

/// What a person or a later check needs to know of one try: a row of `email_events`.
/// `took`: from the claim to here; the claim's time itself would cost 20 bytes more in every row.
std::string event_data(const domain::ClaimedEmail& email, std::string_view worker, Duration took,
                       const domain::SendOutcome& outcome, std::string_view sha256) {
    constexpr std::size_t bytes = 320;  // of a mail that was taken
    std::string data;
    data.reserve(bytes);
    const auto number = [&](std::string_view name, std::int64_t value) {
        data.append(name).append(std::to_string(value));
    };
    const auto text = [&](std::string_view name, std::string_view value) {
        log::append_json_quoted(data.append(name), value);
    };
    const auto reply = [&](const domain::SmtpReply& said) {
        number(",\"code\":", said.code);
        if (!said.enhanced.empty()) text(",\"enhanced\":", said.enhanced);
        text(",\"reply\":", said.text);
    };
    number("{\"epoch\":", email.epoch);
    text(",\"worker\":", worker);
    number(",\"took_ms\":", took / std::chrono::milliseconds{1});
    std::visit(match{[&](const domain::Accepted& yes) { reply(yes.reply); },
                     [&](const domain::Refused& no) {
                         text(",\"phase\":", name(no.phase));
                         reply(no.reply);
                     },
                     [&](const domain::Broken& broken) {
                         text(",\"phase\":", name(broken.phase));
                         text(",\"error\":", broken.reason);
                     },
                     [&](const domain::Abandoned& given_up) { text(",\"error\":", given_up.reason); }},
               outcome);
    if (!sha256.empty()) text(",\"sha256\":", sha256);
    data += '}';
    return data;
}

domain::Outcome outcome_for(const domain::ClaimedEmail& email) {
    domain::Outcome row;
    row.id = email.id;
    row.epoch = email.epoch;
    row.mailbox = email.mailbox;
    row.charged_date = email.charged_date;
    row.min_gap_seconds = email.min_gap_seconds;
    return row;
}

/// Of the metric, in the order of Blame.
constexpr std::array outcome_labels{"sent",    "deferred", "bounced", "mailbox_error",
                                    "blocked", "content",  "unknown", "skipped"};
static_assert(outcome_labels.size() == static_cast<std::size_t>(Blame::abandoned) + 1);

domain::DeliveryKey key_of(const domain::PermitRequest& permit) { return {permit.id, permit.epoch, permit.mailbox}; }

}  // namespace

void SenderConfig::check() const {
    // Below, a lease has no room for the permit's and the dot's shares of it.
    if (lease < std::chrono::seconds{2}) throw std::invalid_argument("sender.lease must be at least 2s");
    require_above_zero("sender.in_flight_max", in_flight_max);
    require_above_zero("sender.records_max", records_max);
    require_above_zero("retry.first_delay", retry.first_delay);
    require_above_zero("sender.backoff_first", rest.first);
    require_above_zero("sender.quota_rest", rest.quota);
    require_above_zero("sender.login_probe", rest.login_probe);
}

Sessions::Sessions(SenderConfig config, const Clock& clock, metrics::Registry& registry)
    : config_(std::move(config)), clock_(clock) {
    auto& family =
        registry.counter("sequitur_send_attempts_total", "SMTP conversations by what they came to.", {"outcome"});
    for (const auto* label : outcome_labels) attempts_.push_back(&family.with({label}));
}

void Sessions::attach(domain::MailTransport& transport, OutcomeWriter& writer) {
    transport_ = &transport;
    writer_ = &writer;
    // With room to spare it is seldom arranged anew, though entries come and go all the time.
    sessions_.with([&](auto& sessions) { sessions.reserve(std::min<std::size_t>(2 * config_.in_flight_max, 20'000)); });
}

void Sessions::begin(domain::ClaimedEmail&& email, Draft draft, SteadyTime claim_asked_at) {
    domain::Delivery delivery{.key = {email.id, email.epoch, email.mailbox},
                              .account = draft.account->sender.smtp,
                              .to = email.to,
                              .dot_before = claim_asked_at + config_.budget_before_dot(),
                              .dot_timeout = config_.dot_timeout()};
    auto session = std::make_unique<Session>(std::move(email), std::move(draft), claim_asked_at);
    sessions_.with([&](auto& sessions) { sessions.emplace(delivery.key, std::move(session)); });
    transport_->start(std::move(delivery));
}

// The session stays where it is until done(), which comes from the thread that asks here, so only the way to it is
// locked.
std::optional<std::string> Sessions::message(const domain::DeliveryKey& key) {
    auto* session = sessions_.with([&](auto& sessions) {
        const auto found = sessions.find(key);
        return found == sessions.end() ? nullptr : found->second.get();
    });
    if (session == nullptr) return std::nullopt;
    try {
        auto letter = session->draft.finish(session->email);
        session->subject = std::move(letter.subject);
        return std::move(letter.message);
    } catch (const std::invalid_argument& error) {
        log::error("a mail can not be written", {{"email_id", key.email.text()}, {"error", error.what()}});
        session->unwritable = Unwritable{"content", error.what()};
        return std::nullopt;
    }
}

void Sessions::hold(const domain::ClaimedEmail& email, const Unwritable& why) {
    auto row = outcome_for(email);
    row.status = domain::EmailStatus::held;
    row.event_type = "held";
    row.event_data = event_data(email, config_.worker, {}, domain::Abandoned{why.detail}, "");
    row.reason = why.reason;
    row.error_message = why.detail;
    if (why.reason == "missing_variable") row.contact_version = email.contact_version;
    writer_->record(std::move(row));
}

void Sessions::end_without_account(const domain::ClaimedEmail& email) {
    auto row = outcome_for(email);
    row.status = domain::EmailStatus::scheduled;
    writer_->record(std::move(row));
    writer_->report({.mailbox = email.mailbox,
                     .reason = "no_credentials",
                     .detail = "the stored password can not be read with the master key of this installation",
                     .rest = {.needs_a_person = true}});
}

void Sessions::ready_for_dot(const domain::DeliveryKey& key) { writer_->ask({key.email, key.epoch, key.mailbox}); }

void Sessions::permitted(const domain::PermitRequest& permit) { transport_->proceed(key_of(permit)); }

void Sessions::refused(const domain::PermitRequest& permit) {
    const auto key = key_of(permit);
    sessions_.with([&](auto& sessions) {
        if (const auto found = sessions.find(key); found != sessions.end()) found->second->refused = true;
    });
    transport_->abandon(key);
}

void Sessions::done(const domain::DeliveryKey& key, const domain::SendOutcome& outcome,
                    const domain::Written& written) {
    const auto session = sessions_.with([&](auto& sessions) {
        const auto found = sessions.find(key);
        auto taken = found == sessions.end() ? nullptr : std::move(found->second);
        if (taken) sessions.erase(found);
        return taken;
    });
    if (!session) return;

    if (session->unwritable) return hold(session->email, *session->unwritable);
    const auto verdict = judge(outcome);
    attempts_[static_cast<std::size_t>(verdict.blame)]->add();
    if (session->refused && !written.dot) return;
    writer_->record(outcome_of(*session, verdict, outcome, written.sha256));
    const auto failures = session->email.backoff_count + 1;
    const auto rest = rest_after(verdict.mailbox, session->email.mailbox, failures, config_.rest);
    if (!rest) return;
    writer_->report({session->email.mailbox, verdict.reason, verdict.detail, *rest});
}

domain::Outcome Sessions::outcome_of(Session& session, const domain::Verdict& verdict,
                                     const domain::SendOutcome& outcome, std::string_view sha256) const {
    const auto& email = session.email;
    const auto settled = settle(verdict, email.id, email.retry_count, email.max_retries, config_.retry);
    const auto took = std::chrono::duration_cast<Duration>(clock_.steady_now() - session.claim_asked_at);
    auto row = outcome_for(email);
    row.status = settled.status;
    row.event_type = settled.event_type;
    row.event_data = event_data(email, config_.worker, took, outcome, sha256);
    row.reason = settled.reason;
    if (settled.status != domain::EmailStatus::sent && !verdict.detail.empty()) row.error_message = verdict.detail;
    row.next_try_in = settled.next_try_in;
    const bool may_have_left =
        settled.status == domain::EmailStatus::sent || settled.status == domain::EmailStatus::unknown;
    if (may_have_left) row.subject = std::move(session.subject);
    if (const auto* accepted = std::get_if<domain::Accepted>(&outcome))
        row.effective_message_id =
            domain::effective_message_id(session.draft.account->sender.smtp->host, accepted->reply);
    row.clears_back_off = settled.status == domain::EmailStatus::sent && email.backoff_count > 0;
    row.is_policy_refusal = verdict.mailbox == domain::MailboxAct::count_refusal;
    return row;
}

std::size_t Sessions::open() const {
    return sessions_.with([](const auto& sessions) { return sessions.size(); });
}

}  // namespace sequitur::workers
