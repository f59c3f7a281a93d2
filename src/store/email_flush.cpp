// Permits and outcomes of one process, together: one pipeline, one transaction, one fsync.
#include <algorithm>

#include "base/clock.hpp"
#include "base/fault.hpp"
#include "base/log.hpp"
#include "pg/pipeline.hpp"
#include "store/email_queue_store.hpp"
#include "store/hot_settings.hpp"
#include "store/sql.hpp"
#include "store/stop_emails.hpp"
#include "store/stop_people.hpp"
#include "store/translate.hpp"

namespace sequitur::store {

namespace {

using domain::EmailStatus;
using domain::Outcome;
using domain::PermitRequest;

/// Columns of rows for unnest, sorted by id: locks are taken in one order.
struct Keys {
    std::vector<EmailId> ids;
    std::vector<std::int64_t> epochs;
};

Keys keys_of(std::vector<PermitRequest> requests) {
    std::ranges::sort(requests);
    Keys keys;
    keys.ids.reserve(requests.size());
    keys.epochs.reserve(requests.size());
    for (const auto& request : requests) {
        keys.ids.push_back(request.id);
        keys.epochs.push_back(request.epoch);
    }
    return keys;
}

/// Borrows the outcomes.
struct OutcomeColumns {
    explicit OutcomeColumns(std::vector<const Outcome*> outcomes) {
        std::ranges::sort(outcomes, {}, [](const Outcome* o) { return o->id; });
        const auto now = SystemClock{}.now();
        const auto reserve = [&](auto&... columns) { (columns.reserve(outcomes.size()), ...); };
        reserve(ids, epochs, statuses, reasons, errors, subjects, next_tries, event_ids, event_types, event_data, dates,
                gaps, clears);
        for (const auto* o : outcomes) {
            ids.push_back(o->id);
            epochs.push_back(o->epoch);
            statuses.push_back(name(o->status));
            reasons.push_back(o->reason);
            errors.push_back(o->error_message);
            subjects.push_back(o->subject);
            next_tries.push_back(o->next_try_in);
            event_ids.push_back(Uuid::v7(now));
            event_types.push_back(o->event_type);
            event_data.push_back(o->event_data);
            dates.push_back(o->charged_date);
            gaps.push_back(o->min_gap_seconds);
            clears.push_back(o->clears_back_off);
        }
    }

    std::vector<EmailId> ids;
    std::vector<std::int64_t> epochs;
    std::vector<std::string_view> statuses;
    std::vector<std::optional<std::string_view>> reasons, errors, subjects;
    std::vector<std::optional<Duration>> next_tries;
    std::vector<Uuid> event_ids;
    std::vector<std::string_view> event_types, event_data;
    std::vector<std::chrono::sys_days> dates;
    std::vector<std::int32_t> gaps;
    std::vector<bool> clears;
};

pg::Params trouble_params(const std::vector<domain::MailboxTrouble>& troubles) {
    std::vector<MailboxId> mailboxes;
    std::vector<std::string> reasons, details;
    std::vector<Duration> rests;
    std::vector<std::optional<Duration>> probes;
    std::vector<bool> persons, of_hosts;
    for (const auto& trouble : troubles) {
        mailboxes.push_back(trouble.mailbox);
        reasons.push_back(trouble.reason);
        details.push_back(trouble.detail);
        rests.push_back(trouble.rest.rest);
        persons.push_back(trouble.rest.needs_a_person);
        probes.push_back(trouble.rest.probe_after);
        of_hosts.push_back(trouble.rest.is_of_host);
    }
    return pg::Params{mailboxes,
                      reasons,
                      details,
                      rests,
                      persons,
                      probes,
                      of_hosts,
                      domain::host_rests_few,
                      domain::host_rests_share};
}

/// Two arrays of one length.
std::vector<PermitRequest> read_keys(const pg::Result& result) {
    const auto ids = result.get<std::vector<EmailId>>(0, 0);
    const auto epochs = result.get<std::vector<std::int64_t>>(0, 1);
    std::vector<PermitRequest> keys;
    keys.reserve(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) keys.push_back({ids[i], epochs.at(i)});
    return keys;
}

/// Those of `asked` that are not in `answered`.
std::vector<PermitRequest> missing(std::vector<PermitRequest> asked, std::vector<PermitRequest> answered) {
    std::ranges::sort(asked);
    std::ranges::sort(answered);
    std::vector<PermitRequest> rest;
    std::ranges::set_difference(asked, answered, std::back_inserter(rest));
    return rest;
}

bool ends_for_good(const Outcome& outcome) { return outcome.status == EmailStatus::permanent_failure; }

/// Of the mails that ended a back-off of their mailbox. Rare: it costs a good mail nothing.
std::vector<MailboxId> mailboxes_that_work(const domain::Flush& flush) {
    std::vector<MailboxId> mailboxes;
    for (const auto& outcome : flush.outcomes)
        if (outcome.clears_back_off) mailboxes.push_back(outcome.mailbox);
    return mailboxes;
}

/// Recorded ones that a policy refused.
std::vector<EmailId> refused_by_policy(const domain::Flush& flush, const domain::Flushed& flushed) {
    std::vector<EmailId> refused;
    for (const auto& outcome : flush.outcomes)
        if (outcome.is_policy_refusal &&
            std::ranges::find(flushed.recorded, PermitRequest{outcome.id, outcome.epoch}) != flushed.recorded.end())
            refused.push_back(outcome.id);
    return refused;
}

std::vector<const Outcome*> pointers_to(const std::vector<Outcome>& outcomes) {
    std::vector<const Outcome*> pointers;
    pointers.reserve(outcomes.size());
    for (const auto& outcome : outcomes) pointers.push_back(&outcome);
    return pointers;
}

/// What few outcomes say, in statements of their own: it costs the others nothing.
template <class Value> struct Extras {
    std::vector<EmailId> ids;
    std::vector<std::int64_t> epochs;
    std::vector<Value> values;

    void add(const Outcome& outcome, const Value& value) {
        ids.push_back(outcome.id);
        epochs.push_back(outcome.epoch);
        values.push_back(value);
    }
    pg::Params params() const { return pg::Params{ids, epochs, values}; }
};

/// Sorted by id, as locks are taken.
template <class Value>
Extras<Value> extras_of(std::vector<const Outcome*> outcomes, std::optional<Value> Outcome::* member) {
    std::erase_if(outcomes, [&](const Outcome* o) { return !(o->*member); });
    std::ranges::sort(outcomes, {}, [](const Outcome* o) { return o->id; });
    Extras<Value> extras;
    for (const auto* outcome : outcomes) extras.add(*outcome, *(outcome->*member));
    return extras;
}

/// The pipeline's statements, and where each answer stands.
struct Plan {
    pg::Pipeline pipeline;
    std::optional<std::size_t> permits, outcomes, bounced;
    std::size_t steps = 0;

    void add(const pg::Statement& statement, pg::Params params) {
        pipeline.add(statement, std::move(params));
        ++steps;
    }
};

Plan plan_of(pg::Connection& connection, const domain::Flush& flush, Duration lease_left_min) {
    Plan plan{pg::Pipeline{connection}, {}, {}, {}};
    const auto now = SystemClock{}.now();
    if (!flush.permits.empty()) {
        const auto keys = keys_of(flush.permits);
        plan.permits = plan.steps;
        plan.add(sql::permit, pg::Params{keys.ids, keys.epochs, lease_left_min, flush.repeated});
    }
    if (!flush.outcomes.empty()) {
        const OutcomeColumns c{pointers_to(flush.outcomes)};
        plan.outcomes = plan.steps;
        plan.add(sql::outcome, pg::Params{c.ids, c.epochs, c.statuses, c.reasons, c.errors, c.subjects, c.next_tries,
                                          c.event_ids, c.event_types, c.event_data, c.dates, c.gaps, c.clears,
                                          Uuid::v7(now), Uuid::v7(now), Uuid::v7(now)});
        if (std::ranges::any_of(flush.outcomes, ends_for_good)) {
            plan.bounced = plan.steps;
            plan.add(sql::end_failed_enrollments, pg::Params{c.ids, c.epochs});
        }
        const auto held = extras_of(pointers_to(flush.outcomes), &Outcome::contact_version);
        if (!held.ids.empty()) plan.add(sql::held_missing, held.params());
        const auto rewritten = extras_of(pointers_to(flush.outcomes), &Outcome::effective_message_id);
        if (!rewritten.ids.empty()) plan.add(sql::effective_ids, rewritten.params());
    }
    if (const auto works = mailboxes_that_work(flush); !works.empty()) plan.add(sql::host_works, pg::Params{works});
    if (!flush.troubles.empty()) plan.add(sql::mailbox_trouble, trouble_params(flush.troubles));
    return plan;
}

}  // namespace

pg::Connection& EmailQueueStore::writer() {
    if (!writer_) writer_.emplace(database_url_, hot_settings());
    if (!writer_->healthy()) writer_->reconnect();
    return *writer_;
}

domain::Flushed EmailQueueStore::flush(const domain::Flush& flush) {
    std::vector<ContactId> bounced;
    // Each transaction is repeated for itself: a permit that was granted must not be asked again as a new one.
    auto flushed = as_transaction([&] {
        auto plan = plan_of(writer(), flush, lease_left_min_);
        if (plan.permits) fault::point("permit.before_commit");
        if (plan.outcomes) fault::point("outcome.before_commit");
        const auto results = plan.pipeline.run();
        if (plan.permits) fault::point("permit.after_commit");
        if (plan.outcomes) fault::point("outcome.after_commit");

        domain::Flushed done;
        if (plan.permits) done.granted = read_keys(results[*plan.permits]);
        if (plan.outcomes) done.recorded = read_keys(results[*plan.outcomes]);
        if (plan.bounced) bounced = results[*plan.bounced].column<ContactId>(0);
        return done;
    });
    if (const auto refused = missing(flush.permits, flushed.granted); !refused.empty()) {
        const auto keys = keys_of(refused);
        as_transaction([&] { return writer().exec(sql::return_unsent, pg::Params{keys.ids, keys.epochs}); });
    }
    as_transaction([&] { record_late(writer(), flush, flushed); });
    as_transaction([&] { stop_bounced(writer(), bounced); });
    count_refusals(refused_by_policy(flush, flushed));
    return flushed;
}

/// An answer whose row is not `sending` any more may still be the truth about an `unknown` one.
void EmailQueueStore::record_late(pg::Connection& connection, const domain::Flush& flush, domain::Flushed& flushed) {
    auto recorded = flushed.recorded;
    std::ranges::sort(recorded);
    std::vector<const Outcome*> late;
    for (const auto& outcome : flush.outcomes) {
        const bool tells = outcome.status == EmailStatus::sent || outcome.status == EmailStatus::failed ||
                           outcome.status == EmailStatus::permanent_failure;
        if (tells && !std::ranges::binary_search(recorded, PermitRequest{outcome.id, outcome.epoch}))
            late.push_back(&outcome);
    }
    if (late.empty()) return;

    const auto now = SystemClock{}.now();
    const auto rewritten = extras_of(late, &Outcome::effective_message_id);
    const OutcomeColumns c{std::move(late)};
    pg::Pipeline pipeline{connection};
    pipeline.add(sql::late_outcome, pg::Params{c.ids, c.epochs, c.statuses, c.reasons, c.errors, c.next_tries,
                                               c.event_ids, c.event_types, c.event_data, Uuid::v7(now), Uuid::v7(now)});
    pipeline.add(sql::end_failed_enrollments, pg::Params{c.ids, c.epochs});
    if (!rewritten.ids.empty()) pipeline.add(sql::effective_ids, rewritten.params());
    const auto results = pipeline.run();
    for (const auto& key : read_keys(results[0])) flushed.recorded.push_back(key);
    stop_bounced(connection, results[1].column<ContactId>(0));
}

/// A dead address is a stop act: its status is committed, now the person's other mail.
void EmailQueueStore::stop_bounced(pg::Connection& connection, const std::vector<ContactId>& contacts) {
    if (contacts.empty()) return;
    const People people{{"suppressed", contacts}};
    end_enrollments(connection, people);
    fault::point("stop.between_transactions");
    const auto entries = connection.exec(sql::suppressions_of_contacts, pg::Params{contacts}).column<SuppressionId>(0);
    domain::StopReceipt nobody_asks;
    stop_mail_of(connection, people, entries, nobody_asks);
}

/// After the outcomes, in a transaction of its own: what is lost here with the process is a count, and no mail. A
/// mailbox that this pauses is stopped like one that a person pauses.
void EmailQueueStore::count_refusals(const std::vector<EmailId>& refused) {
    if (refused.empty()) return;
    const auto paused = as_transaction([&] {
        return writer()
            .exec(sql::mailbox_refusals, pg::Params{refused, domain::refusals_max, domain::refusals_window})
            .column<MailboxId>(0);
    });
    for (const auto& mailbox : paused) {
        log::warn("mailbox paused: its mails are refused", {{"mailbox_id", mailbox.text()}});
        as_transaction([&] {
            const auto emails = writer().exec(sql::moving_emails_of_mailbox, pg::Params{mailbox}).column<EmailId>(0);
            domain::StopReceipt receipt;
            stop_emails(writer(), emails, StopTarget::scheduled, "mailbox_paused", receipt);
        });
    }
}

}  // namespace sequitur::store
