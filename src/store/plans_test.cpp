// The plans of the statements that run for every mail, at 100,000 emails: never analyzed, and analyzed. A plan is
// kept for the life of a connection, so both have to be plans that can be lived with.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "pg/connection.hpp"
#include "store/hot_settings.hpp"
#include "store/migrator.hpp"
#include "store/sql.hpp"
#include "support/temp_database.hpp"

namespace sequitur::store {
namespace {

using namespace std::string_view_literals;

struct Expected {
    pg::Statement statement;
    std::vector<std::string_view> indexes;
};

const std::vector<Expected>& hot_statements() {
    constexpr auto emails = "using email_queues_pkey on email_queues"sv;
    constexpr auto due = "using email_queues_due on email_queues"sv;
    constexpr auto of_enrolment = "using email_queues_once_a_step on email_queues"sv;
    constexpr auto enrolments = "using sequence_contacts_pkey on sequence_contacts"sv;
    constexpr auto contacts = "using contacts_pkey on contacts"sv;
    static const std::vector<Expected> all{
        {sql::produce, {due, "Tid Scan on email_queues"sv}},
        {sql::next_due, {due}},
        {sql::claim, {emails, enrolments, contacts}},
        {sql::refuse_queued, {emails, enrolments, contacts}},
        {sql::permit, {emails}},
        {sql::outcome, {emails}},
        {sql::late_outcome, {emails}},
        {sql::end_failed_enrollments, {emails, enrolments}},
        {sql::schedule_followups, {emails, enrolments, of_enrolment}},
        {sql::apply_retries, {emails, enrolments, contacts}},
        {sql::due_batches, {emails, "using dispatch_batches_check on dispatch_batches"sv}},
        {sql::return_unsent, {emails, enrolments, contacts}},
        {sql::expire_permits, {emails}},
        {sql::stale_failed, {"using email_queues_attention on email_queues"sv}},
    };
    return all;
}

/// 50,000 people in a sequence of two steps, 40 mailboxes; of the 100,000 emails 80 % are sent.
constexpr const char* load = R"(
INSERT INTO mailboxes (email, smtp_host, smtp_port) SELECT 'm' || g || '@corp.test', 'localhost', 25
  FROM generate_series(1, 40) g;
INSERT INTO mailbox_daily_counts (mailbox_id, date, cap) SELECT id, current_date, 10000 FROM mailboxes;
INSERT INTO sequences (name) VALUES ('s');
INSERT INTO steps (sequence_id, step_order, subject, content) SELECT id, n, 'Hi', 'Hi'
  FROM sequences, generate_series(0, 1) n;
INSERT INTO step_versions (step_id, subject, content) SELECT id, 'Hi', 'Hi' FROM steps;
INSERT INTO contacts (email) SELECT 'p' || g || '@acme.test' FROM generate_series(1, 50000) g;
INSERT INTO sequence_contacts (sequence_id, contact_id, mailbox_id, status)
  SELECT s.id, c.id, m.id, 'active'
    FROM sequences s, (SELECT id, row_number() OVER () AS n FROM contacts) c
    JOIN (SELECT id, row_number() OVER () - 1 AS n FROM mailboxes) m ON m.n = c.n % 40;
INSERT INTO email_queues (sequence_contact_id, mailbox_id, step_id, step_version_id, step_order, scheduled_for, status,
                          charged_date, phase, sent_at)
  SELECT id, mailbox_id, step_id, version_id, step_order, now() + (n % 1000 - 500) * interval '1 s', status,
         CASE WHEN status <> 'scheduled' THEN current_date END, CASE WHEN status IN ('sent', 'sending') THEN 'dot' END,
         CASE WHEN status = 'sent' THEN now() END
    FROM (SELECT sc.id, sc.mailbox_id, s.id AS step_id, v.id AS version_id, s.step_order, sc.n,
                 CASE WHEN s.step_order = 0 OR sc.n % 10 < 6 THEN 'sent' WHEN sc.n % 10 < 8 THEN 'scheduled'
                      WHEN sc.n % 10 < 9 THEN 'queued' ELSE 'sending' END::email_queue_status AS status
            FROM (SELECT id, mailbox_id, row_number() OVER () AS n FROM sequence_contacts) sc
           CROSS JOIN steps s JOIN step_versions v ON v.step_id = s.id) e;
INSERT INTO email_events (email_queue_id, event_type) SELECT id, 'sent' FROM email_queues WHERE status = 'sent';
INSERT INTO dispatch_batches (id, email_ids, check_at)
  SELECT uuid_v7(), array_agg(id), now() FROM email_queues WHERE status IN ('queued', 'sending') GROUP BY mailbox_id;
)";

int parameters_of(std::string_view text) {
    int count = 0;
    while (text.find("$" + std::to_string(count + 1)) != std::string_view::npos) ++count;
    return count;
}

/// The generic plan, one node a line. The values do not matter to it.
std::string plan_of(pg::Connection& connection, const pg::Statement& statement) {
    std::string call = "EXPLAIN EXECUTE " + std::string{statement.name} + "(NULL";
    for (int left = parameters_of(statement.text) - 1; left > 0; --left) call += ", NULL";
    std::string plan;
    for (const auto& line : connection.query(call + ")").column<std::string>(0)) plan += line + "\n";
    return plan;
}

/// By a connection that has just been opened.
void expect_indexes_are_used(const std::string& url, const std::string& age) {
    pg::Connection connection{url, hot_settings()};
    for (const auto& [statement, indexes] : hot_statements()) {
        connection.script("PREPARE " + std::string{statement.name} + " AS " + std::string{statement.text});
        const auto plan = plan_of(connection, statement);
        SCOPED_TRACE(std::string{statement.name} + ", tables " + age + ":\n" + plan);
        for (const auto table : {"email_queues", "sequence_contacts", "contacts", "email_events"})
            EXPECT_EQ(plan.find("Seq Scan on " + std::string{table}), std::string::npos) << table << " is read whole";
        for (const auto& index : indexes) EXPECT_NE(plan.find(index), std::string::npos) << "not " << index;
    }
}

TEST(Plans, OfTheHotStatementsUseTheIndexesAtAHundredThousandRows) {
    const test::TempDatabase database;
    pg::Connection connection{database.url()};
    Migrator{connection}.up();
    for (const auto table : {"email_queues", "sequence_contacts", "contacts"})
        connection.script("ALTER TABLE " + std::string{table} + " SET (autovacuum_enabled = false)");

    connection.script(load);
    ASSERT_EQ(connection.query("SELECT count(*) FROM email_queues").get<std::int64_t>(0, 0), 100'000);
    ASSERT_EQ(connection.query("SELECT count(*) FROM email_queues WHERE status = 'sent'").get<std::int64_t>(0, 0),
              80'000);
    expect_indexes_are_used(database.url(), "full, never analyzed");

    connection.script("ANALYZE");
    expect_indexes_are_used(database.url(), "full and analyzed");

    for (const auto& statement : {sql::mailbox_adopt, sql::mailbox_spread})
        connection.script("PREPARE " + std::string{statement.name} + " AS " + std::string{statement.text});
    EXPECT_NE(plan_of(connection, sql::mailbox_adopt).find("sequence_contacts_without_mailbox"), std::string::npos);
    EXPECT_NE(plan_of(connection, sql::mailbox_spread).find("One-Time Filter"), std::string::npos);
}

// Autovacuum knows the size of an empty table, and a plan made by it would read the whole outbox for every mark.
TEST(Plans, FindRecordsOfTheOutboxByTheirKeyWhileThereAreNone) {
    const test::TempDatabase database;
    pg::Connection connection{database.url(), hot_settings()};
    Migrator{connection}.up();
    connection.script("VACUUM (ANALYZE) outbox");

    connection.script("PREPARE outbox_mark AS " + std::string{sql::outbox_mark.text});
    std::string plan;
    const auto explained = connection.query("EXPLAIN EXECUTE outbox_mark(ARRAY[uuid_v7(), uuid_v7()])");
    for (const auto& line : explained.column<std::string>(0)) plan += line + "\n";
    EXPECT_NE(plan.find("Index Cond: ((id = ANY ($1))"), std::string::npos) << plan;
    EXPECT_NE(plan.find("Subplans Removed"), std::string::npos) << plan;
}

// The first plan of a day is made while no day is open, and is kept.
TEST(Plans, LookUpEachDayByItsKeyWhileNoDayIsOpen) {
    const test::TempDatabase database;
    pg::Connection connection{database.url(), hot_settings()};
    Migrator{connection}.up();
    connection.script("VACUUM (ANALYZE) mailbox_daily_counts");

    std::string plan;
    const auto explain = "EXPLAIN " + std::string{sql::ensure_daily_counts.text};
    for (const auto& line : connection.query(explain).column<std::string>(0)) plan += line + "\n";
    EXPECT_NE(plan.find("Index Cond: ((mailbox_id = m.id) AND (date = "), std::string::npos) << plan;
}

}  // namespace
}  // namespace sequitur::store
