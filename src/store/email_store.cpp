#include "store/email_store.hpp"

#include "pg/pipeline.hpp"
#include "pg/transaction.hpp"
#include "pg/with_retry.hpp"
#include "store/sql.hpp"
#include "store/translate.hpp"

namespace sequitur::store {

namespace {

constexpr int deadlock_tries_max = 5;
constexpr std::optional<TimePoint> never;

domain::EmailView view_of(pg::Row row, const pg::Result& events) {
    domain::EmailView view;
    view.id = row.next<EmailId>();
    view.sequence_contact_id = row.next<EnrollmentId>();
    view.sequence_id = row.next<SequenceId>();
    view.mailbox_id = row.next<std::optional<MailboxId>>();
    view.step_id = row.next<StepId>();
    view.step_order = row.next<int>();
    view.contact_email = row.next<std::string>();
    view.status = row.next<std::string>();
    view.reason = row.next<std::optional<std::string>>();
    view.phase = row.next<std::optional<std::string>>();
    view.cancel_requested = row.next<bool>();
    view.retry_count = row.next<int>();
    view.max_retries = row.next<int>();
    view.scheduled_for = row.next<TimePoint>();
    view.queued_at = row.next<std::optional<TimePoint>>();
    view.last_attempt_at = row.next<std::optional<TimePoint>>();
    view.dot_at = row.next<std::optional<TimePoint>>();
    view.sent_at = row.next<std::optional<TimePoint>>();
    view.subject = row.next<std::optional<std::string>>();
    view.message_id = row.next<std::optional<std::string>>();
    view.error_message = row.next<std::optional<std::string>>();
    for (int i = 0; i < events.rows(); ++i) {
        auto event = events.row(i);
        view.events.push_back({event.next<EventId>().text(), event.next<std::string>(), event.next<TimePoint>(),
                               event.next<std::string>()});
    }
    return view;
}

bool is_over(std::string_view status) {
    return status != "scheduled" && status != "queued" && status != "sending" && status != "failed" && status != "held";
}

std::optional<domain::Emails::Cancelled> cancel_once(pg::Connection& connection, const EmailId& id) {
    pg::Transaction transaction{connection};
    const auto locked = connection.exec(sql::email_lock, pg::Params{id});
    if (locked.empty()) return std::nullopt;
    domain::Emails::Cancelled cancelled;
    auto& receipt = cancelled.receipt;
    receipt.status = locked.get<std::string>(0, 1);
    if (is_over(receipt.status)) {
        cancelled.too_late = receipt.status != "cancelled";
        return cancelled;
    }
    // A mail that has its permit is flagged too: should the server refuse it for now, it is not tried again. Its
    // enrolment goes on unless that happens.
    if (locked.get<std::optional<std::string>>(0, 2) == "dot" && receipt.status == "sending") {
        connection.exec(sql::stop_emails, pg::Params{std::vector{id}, "cancelled", "manual", never});
        transaction.commit();
        receipt.already_leaving.push_back(id);
        return cancelled;
    }
    connection.exec(sql::stop_emails, pg::Params{std::vector{id}, "cancelled", "manual", never});
    connection.exec(sql::enrollment_stop, pg::Params{locked.get<EnrollmentId>(0, 0)});
    transaction.commit();
    (receipt.status == "sending" ? receipt.stopping : receipt.cancelled) = 1;
    if (receipt.status != "sending") receipt.status = "cancelled";
    return cancelled;
}

}  // namespace

std::optional<domain::EmailView> EmailStore::find(const EmailId& id) {
    return translated([&]() -> std::optional<domain::EmailView> {
        const auto connection = pool_.lease();
        pg::Pipeline pipeline{*connection};
        pipeline.add(sql::email_find, pg::Params{id});
        pipeline.add(sql::email_events_of, pg::Params{id});
        const auto results = pipeline.run();
        if (results[0].empty()) return std::nullopt;
        return view_of(results[0].row(0), results[1]);
    });
}

std::optional<domain::Emails::Cancelled> EmailStore::cancel(const EmailId& id) {
    return translated([&] {
        const auto connection = pool_.lease();
        return pg::with_retry(deadlock_tries_max, [&] { return cancel_once(*connection, id); });
    });
}

}  // namespace sequitur::store
