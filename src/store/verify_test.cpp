// A sound database passes; each invariant is broken once, and seen.
#include "store/verify.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "domain/messages.hpp"
#include "store/ledger.hpp"
#include "support/api_world.hpp"

namespace sequitur::store {
namespace {

/// Two people in a sequence of two steps without waits: `first` and `second` of one person arrived, `lost` is
/// unknown and arrived too.
class VerifyTest : public ::testing::Test {
protected:
    VerifyTest() {
        mailbox = world.mailbox();
        world.enrol(world.sequence({0, 0}), {"a@acme.test", "b@acme.test"});
        const auto emails = world.emails();
        first = emails.at(0);
        lost = emails.at(1);
        world.run("UPDATE sequence_contacts SET current_step = 1");
        world.run("INSERT INTO email_queues (sequence_contact_id, mailbox_id, step_id, step_version_id, step_order, "
                  "scheduled_for) SELECT e.sequence_contact_id, e.mailbox_id, s.id, s.step_version_id, 1, now() "
                  "FROM email_queues e JOIN steps s ON s.step_order = 1 WHERE e.id = '" +
                  first.text() + "'");
        second = world.sql.query("SELECT id FROM email_queues WHERE step_order = 1").get<EmailId>(0, 0);
        for (const auto& email : {first, second, lost}) world.bring_to(email, "dot");
        for (const auto& email : {first, second}) end(email, "sent");
        world.run("UPDATE email_queues SET dot_at = sent_at + interval '1 ms', sent_at = sent_at + interval '1 ms' "
                  "WHERE step_order = 1");
        end(lost, "unknown");
        world.run("UPDATE sequence_contacts SET status = 'completed'");
        lines = {line(first, "2026-01-01T00:00:00Z"), line(second, "2026-01-01T00:00:01Z"),
                 line(lost, "2026-01-01T00:00:02Z")};
    }

    void end(const EmailId& email, const std::string& status) {
        world.run("UPDATE email_queues SET status = '" + status + "', sent_at = CASE WHEN '" + status +
                  "' = 'sent' THEN dot_at END WHERE id = '" + email.text() +
                  "';"
                  "UPDATE mailbox_daily_counts SET reserved_count = reserved_count - 1, " +
                  status + "_count = " + status +
                  "_count + 1; INSERT INTO email_events (email_queue_id, event_type) VALUES ('" + email.text() +
                  "', '" + status + "')");
    }
    static std::string line(const EmailId& email, const std::string& at) {
        return R"({"at":")" + at + R"(","message_id":"<sequitur.)" + email.uuid.hex() +
               R"(@corp.test>","sha256":"00","from":"m@corp.test","to":"a@acme.test","reply":"250 ok"})" + "\n";
    }
    VerifyReport report(VerifyOptions options = {}) {
        std::string text;
        for (const auto& one : lines) text += one;
        std::istringstream ledger{text};
        return verify(world.sql, ledger, options);
    }
    /// The names of the invariants that do not hold.
    std::string broken(VerifyOptions options = {}) {
        std::string names;
        for (const auto& one : report(options).broken) {
            if (!names.ends_with(one.invariant)) names += (names.empty() ? "" : " ") + one.invariant;
            EXPECT_GT(one.count, 0);
            EXPECT_FALSE(one.examples.empty());
        }
        return names;
    }
    std::string broken_by(const std::string& change) {
        world.run("SET session_replication_role = replica");  // neither triggers nor foreign keys hold it back
        world.run(change);
        return broken();
    }
    std::string where(const EmailId& email) { return " WHERE id = '" + email.text() + "'"; }

    test::ApiWorld world;
    MailboxId mailbox;
    EmailId first, second, lost;
    std::vector<std::string> lines;
};

TEST_F(VerifyTest, PassesASoundDatabase) {
    const auto sound = report();
    EXPECT_TRUE(sound.holds());
    EXPECT_EQ(sound.ledger_lines, 3);
    const std::vector<std::pair<std::string, std::int64_t>> emails{{"sent", 2}, {"unknown", 1}};
    EXPECT_EQ(sound.emails, emails);
}

TEST_F(VerifyTest, PassesAnUnknownThatDidNotArrive) {
    lines.pop_back();
    EXPECT_EQ(broken(), "");
}

TEST_F(VerifyTest, SeesAMailThatArrivedTwice) {
    lines.push_back(line(lost, "2026-01-01T00:00:03Z"));
    EXPECT_EQ(broken(), "I1");
}

TEST_F(VerifyTest, SeesAStepThatArrivedTwiceAsTwoEmails) {
    EXPECT_EQ(broken_by("ALTER TABLE email_queues DROP CONSTRAINT email_queues_once_a_step; UPDATE email_queues SET "
                        "step_id = (SELECT step_id FROM email_queues" +
                        where(first) + ")" + where(second)),
              "I1");
}

TEST_F(VerifyTest, SeesALineWithoutARow) {
    lines.push_back(line(EmailId::make(world.clock.now()), "2026-01-01T00:00:03Z"));
    EXPECT_EQ(broken(), "I2");
}

TEST_F(VerifyTest, SeesAForeignMessageId) {
    lines.push_back("{\"at\":\"2026-01-01T00:00:03Z\",\"message_id\":\"<x@y>\"}\n");
    EXPECT_EQ(broken(), "I2");
}

TEST_F(VerifyTest, SeesACancelledMailThatArrived) {
    EXPECT_EQ(broken_by("UPDATE email_queues SET status = 'cancelled', charged_date = NULL" + where(lost) +
                        "; UPDATE mailbox_daily_counts SET unknown_count = 0"),
              "I2");
}

TEST_F(VerifyTest, SeesASentMailThatNeverArrived) {
    lines.erase(lines.begin() + 1);
    EXPECT_EQ(broken(), "I2");
}

TEST_F(VerifyTest, SeesWhatIsStillUnderWayAtRest) {
    world.enrol(world.sequence({0}), {"c@acme.test"});
    const auto email = world.emails().back();
    world.bring_to(email, "queued");
    EXPECT_EQ(broken(), "I3");
    EXPECT_EQ(broken({.quiescent = false}), "");
}

TEST_F(VerifyTest, SeesADueMailThatNobodyTook) {
    world.enrol(world.sequence({0}), {"c@acme.test"});
    EXPECT_EQ(broken(), "") << "due for less than a moment";
    EXPECT_EQ(broken_by("UPDATE email_queues SET scheduled_for = now() - interval '1 min' WHERE status = 'scheduled'"),
              "I3");
    EXPECT_EQ(broken_by("UPDATE mailbox_daily_counts SET cap = reserved_count + sent_count + unknown_count"), "")
        << "its mailbox has sent all it may today";
}

TEST_F(VerifyTest, SeesAnEnrolmentThatWaitsForNothing) {
    EXPECT_EQ(broken_by("UPDATE sequence_contacts SET status = 'active' WHERE id = (SELECT sequence_contact_id FROM "
                        "email_queues" +
                        where(first) + ")"),
              "I3");
}

TEST_F(VerifyTest, SeesARecordThatWasNeverPublished) {
    world.run("INSERT INTO outbox (id, topic, slot, payload) VALUES (uuid_v7(), 'email-jobs', 0, '{}')");
    EXPECT_EQ(broken(), "I3");
}

TEST_F(VerifyTest, SeesACounterThatIsWrong) {
    EXPECT_EQ(broken_by("UPDATE mailbox_daily_counts SET sent_count = sent_count + 1"), "I4");
    EXPECT_EQ(broken_by("UPDATE mailbox_daily_counts SET sent_count = sent_count - 1, reserved_count = 1"), "I4");
    EXPECT_EQ(broken_by("DELETE FROM mailbox_daily_counts"), "I4 I5");
}

TEST_F(VerifyTest, SeesALimitThatWasExceeded) {
    EXPECT_EQ(broken_by("ALTER TABLE mailbox_daily_counts DROP CONSTRAINT mailbox_daily_counts_cap; "
                        "UPDATE mailbox_daily_counts SET cap = 2"),
              "I5");
}

TEST_F(VerifyTest, CountsTheLimitByTheMailboxesOwnDay) {
    EXPECT_EQ(
        broken_by("UPDATE email_queues SET dot_at = dot_at - interval '1 day', sent_at = sent_at - interval '1 day'"),
        "I5");
}

TEST_F(VerifyTest, SeesAStepThatCameBeforeTheOneBeforeIt) {
    lines[1] = line(second, "2025-12-31T00:00:00Z");
    EXPECT_EQ(broken(), "I6");
}

TEST_F(VerifyTest, SeesAStepThatDidNotWait) {
    EXPECT_EQ(broken_by("UPDATE steps SET wait_days = 1 WHERE step_order = 1"), "I6");
    EXPECT_EQ(broken({.day = std::chrono::milliseconds{1}}), "") << "days may be short";
}

TEST_F(VerifyTest, SeesAMailThatArrivedAfterItsCancel) {
    EXPECT_EQ(broken_by("UPDATE email_queues SET cancel_saw_phase = 'pre'" + where(first)), "I7");
    EXPECT_EQ(broken_by("UPDATE email_queues SET cancel_saw_phase = 'dot'" + where(first)), "");
}

TEST_F(VerifyTest, SeesAnUnknownThatNothingExplains) {
    EXPECT_EQ(broken_by("DELETE FROM email_events WHERE event_type = 'unknown'"), "I8");
}

TEST_F(VerifyTest, SeesAnUnknownThatNeverHadAPermit) {
    EXPECT_EQ(broken_by("UPDATE email_queues SET dot_at = NULL" + where(lost)), "I8");
}

TEST_F(VerifyTest, SeesThatTheGuardOfTheEdgesIsOff) {
    EXPECT_EQ(broken_by("ALTER TABLE email_queues DISABLE TRIGGER email_queues_edges"), "I11");
    EXPECT_EQ(broken_by("DROP TRIGGER email_queues_edges ON email_queues"), "I11");
}

TEST_F(VerifyTest, SeesEventsThatTellAnotherStory) {
    EXPECT_EQ(
        broken_by("INSERT INTO email_events (email_queue_id, event_type) VALUES ('" + first.text() + "', 'sent')"),
        "I11");
}

TEST_F(VerifyTest, LetsMailRunWhenToldTo) {
    world.enrol(world.sequence({0}), {"c@acme.test"});
    const auto email = world.emails().back();
    world.bring_to(email, "dot");
    lines.push_back(line(email, "2026-01-01T00:00:03Z"));
    lines.push_back(line(EmailId::make(world.clock.now()), "2999-01-01T00:00:03Z"));

    EXPECT_EQ(broken({.quiescent = false}), "");
    EXPECT_EQ(broken(), "I2 I3 I4");
}

TEST_F(VerifyTest, ChangesNothing) {
    report();
    EXPECT_EQ(world.rows("SELECT count(*) FROM pg_class WHERE relname = 'verify_ledger'"), "0");
    EXPECT_FALSE(world.sql.in_transaction());
}

TEST(Ledger, LeavesOutALineThatACrashCutOff) {
    std::istringstream stream{
        "{\"at\":\"2026-01-01T00:00:03Z\",\"message_id\":\"<a@b>\",\"to\":\"c@d\"}\n{\"at\":\"2026"};
    LedgerReader reader{stream};
    const auto columns = reader.next(10);
    EXPECT_EQ(columns.message_ids, std::vector<std::string>{"<a@b>"});
    EXPECT_EQ(columns.recipients, std::vector<std::string>{"c@d"});
    EXPECT_TRUE(reader.next(10).lines.empty());
}

TEST(Ledger, NamesALineThatItCanNotRead) {
    std::istringstream stream{"{\"at\":\"2026-01-01T00:00:03Z\",\"message_id\":\"<a@b>\"}\nnonsense\n"};
    try {
        LedgerReader{stream}.next(10);
        FAIL();
    } catch (const LedgerError& error) { EXPECT_TRUE(std::string{error.what()}.starts_with("line 2 of the ledger")); }
}

}  // namespace
}  // namespace sequitur::store
