// A migrated database with a sequence, mailboxes and people in it, made by plain SQL: for tests of the queue's
// statements that should not depend on the API's.
#pragma once

#include <string>
#include <vector>

#include "pg/connection.hpp"
#include "pg/pool.hpp"
#include "store/email_queue_store.hpp"
#include "store/hot_settings.hpp"
#include "store/outbox_store.hpp"
#include "support/migrated_database.hpp"

namespace sequitur::test {

class QueueWorld {
public:
    explicit QueueWorld(Duration lease = std::chrono::minutes{20})
        : sql(db_.url()), hot(db_.url(), 4, store::hot_settings()), queue(hot, db_.url(), lease), outbox(db_.url()) {}

    const std::string url() const { return db_.url(); }

    MailboxId mailbox(int cap = 1000, int gap_seconds = 0) {
        return one<MailboxId>(
            "INSERT INTO mailboxes (email, smtp_host, smtp_port, daily_capacity, min_gap_seconds) VALUES "
            "('m' || (SELECT count(*) FROM mailboxes) || '@corp.test', 'localhost', 25, $1, $2) RETURNING id",
            cap, gap_seconds);
    }
    SequenceId sequence(int steps = 2, int wait_days = 1) {
        const auto id = one<SequenceId>("INSERT INTO sequences (name) VALUES ('s') RETURNING id");
        for (int order = 0; order < steps; ++order) {
            const auto step = one<StepId>("INSERT INTO steps (sequence_id, step_order, subject, content, wait_days) "
                                          "VALUES ($1, $2, 'Hi', '<p>Hi</p>', $3) RETURNING id",
                                          id, order, order == 0 ? 0 : wait_days);
            run("WITH v AS (INSERT INTO step_versions (step_id, subject, content) VALUES ($1, 'Hi', '<p>Hi</p>') "
                "RETURNING id) "
                "UPDATE steps SET step_version_id = v.id FROM v WHERE steps.id = $1",
                step);
        }
        return id;
    }
    /// Enrols `count` new people, due now.
    std::vector<EmailId> enrol(const SequenceId& sequence, const MailboxId& mailbox, int count = 1) {
        return query("WITH c AS (INSERT INTO contacts (id, email) SELECT uuid_v7(), 'p' || g || '.' || "
                     "md5(random()::text) || "
                     "'@acme.test' FROM generate_series(1, $3) g RETURNING id), "
                     "sc AS (INSERT INTO sequence_contacts (sequence_id, contact_id, mailbox_id, status, started_at) "
                     "SELECT $1, id, $2, 'active', now() FROM c RETURNING id) "
                     "INSERT INTO email_queues (sequence_contact_id, mailbox_id, step_id, step_version_id, step_order, "
                     "scheduled_for) SELECT sc.id, $2, s.id, s.step_version_id, 0, now() FROM sc, steps s "
                     "WHERE s.sequence_id = $1 AND s.step_order = 0 RETURNING id",
                     sequence, mailbox, count)
            .column<EmailId>(0);
    }
    int produce(int ahead = 50) {
        domain::ProduceLimits limits;
        limits.ahead = ahead;
        limits.check_after = std::chrono::minutes{10};
        return queue.produce(limits).emails;
    }
    domain::Claimed claim(std::vector<EmailId> ids) {
        return queue.claim({std::move(ids), {}, "sender", std::chrono::minutes{20}});
    }
    domain::ClaimedEmail claim_one(const EmailId& id) { return claim({id}).emails.at(0); }
    bool permit(const domain::ClaimedEmail& email, bool repeated = false) {
        return queue.flush({.permits = {{email.id, email.epoch}}, .outcomes = {}, .troubles = {}, .repeated = repeated})
                   .granted.size() == 1;
    }
    bool end(const domain::ClaimedEmail& email, domain::EmailStatus status, std::optional<std::string> reason = {},
             std::optional<Duration> next_try = {}) {
        domain::Outcome outcome;
        outcome.id = email.id;
        outcome.epoch = email.epoch;
        outcome.status = status;
        outcome.event_type = status == domain::EmailStatus::sent ? "sent" : "failed";
        outcome.reason = std::move(reason);
        outcome.next_try_in = next_try;
        outcome.charged_date = email.charged_date;
        if (outcome.reason == "missing_variable") outcome.contact_version = email.contact_version;
        return queue.flush({.permits = {}, .outcomes = {outcome}, .troubles = {}}).recorded.size() == 1;
    }
    void send(const EmailId& id) {
        const auto email = claim_one(id);
        permit(email);
        end(email, domain::EmailStatus::sent);
    }
    std::string status(const EmailId& id) {
        return one<std::string>("SELECT status::text FROM email_queues WHERE id = $1", id);
    }
    std::string column(const char* name, const EmailId& id) {
        return one<std::string>(
            ("SELECT COALESCE(" + std::string{name} + "::text, '') FROM email_queues WHERE id = $1").c_str(), id);
    }
    /// "reserved sent unknown failed" of a mailbox today.
    std::string counts(const MailboxId& id) {
        return one<std::string>("SELECT concat_ws(' ', reserved_count, sent_count, unknown_count, failed_count) "
                                "FROM mailbox_daily_counts WHERE mailbox_id = $1 AND date = current_date",
                                id);
    }

    pg::Result query(const char* text, const auto&... values) {
        if constexpr (sizeof...(values) == 0)
            return sql.query(text);
        else
            return sql.query(text, pg::Params{values...});
    }
    void run(const char* text, const auto&... values) { query(text, values...); }
    template <class T> T one(const char* text, const auto&... values) {
        return query(text, values...).template get<T>(0, 0);
    }

private:
    MigratedDatabase db_;

public:
    pg::Connection sql;
    pg::Pool hot;
    store::EmailQueueStore queue;
    store::OutboxStore outbox;
};

}  // namespace sequitur::test
