#include "store/suppression_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/email_queue_store.hpp"
#include "store/hot_settings.hpp"
#include "support/api_world.hpp"

namespace sequitur {
namespace {

using domain::NewSuppression;
using Removed = domain::Suppressions::Removed;
using test::ApiWorld;
using testing::ElementsAre;

NewSuppression entry(const std::string& text, const std::string& reason = "manual") {
    return {.what = std::get<domain::Suppressed>(domain::parse_suppressed(text)), .reason = reason, .note = {}};
}

class SuppressionsTest : public testing::Test {
protected:
    std::string emails() { return world.rows("SELECT status, reason FROM email_queues ORDER BY id"); }
    std::string enrollments() { return world.rows("SELECT status, reason FROM sequence_contacts ORDER BY id"); }
    SuppressionId id_of(const std::string& value) {
        return world.sql.query("SELECT id FROM suppressions WHERE value = $1", pg::Params{value})
            .get<SuppressionId>(0, 0);
    }

    ApiWorld world;
    MailboxId mailbox = world.mailbox();
};

TEST_F(SuppressionsTest, AnEntryStopsAllOpenMailOfTheAddressInEverySequence) {
    for (int i = 0; i < 4; ++i) world.enrol(world.sequence(), {"ana@acme.test", "bob@acme.test"});
    const auto of_ana = world.sql
                            .query("SELECT e.id FROM email_queues e JOIN sequence_contacts sc ON sc.id = "
                                   "e.sequence_contact_id JOIN contacts c ON c.id = sc.contact_id "
                                   "WHERE c.email LIKE 'ana%' ORDER BY e.id")
                            .column<EmailId>(0);
    world.bring_to(of_ana[1], "queued");
    world.bring_to(of_ana[2], "pre");
    world.bring_to(of_ana[3], "dot");

    const auto added = world.suppressions.add({entry("Ana@Acme.test")});

    EXPECT_EQ(added.added, 1);
    EXPECT_EQ(added.receipt.cancelled, 2);
    EXPECT_EQ(added.receipt.stopping, 1);
    EXPECT_THAT(added.receipt.already_leaving, ElementsAre(of_ana[3]));
    EXPECT_EQ(world.rows("SELECT status, reason, cancel_requested, cancel_saw_phase FROM email_queues WHERE reason "
                         "IS NOT NULL ORDER BY id"),
              "cancelled suppressed f ,cancelled suppressed f ,sending suppressed t pre,sending suppressed t dot");
    EXPECT_EQ(world.rows("SELECT status, reason, count(*) FROM sequence_contacts GROUP BY 1, 2 ORDER BY 1"),
              "active  4,stopped suppressed 4");
    EXPECT_EQ(world.rows("SELECT reserved_count FROM mailbox_daily_counts"), "2")
        << "the queued one gave its place back";
    EXPECT_EQ(world.rows("SELECT value, settled_at IS NOT NULL FROM suppressions"), "ana@acme.test t");
}

TEST_F(SuppressionsTest, ADomainKeepsOutEverybodyInIt) {
    world.enrol(world.sequence(), {"a@acme.test", "b@acme.test", "c@sub.acme.test"});

    EXPECT_EQ(world.suppressions.add({entry("acme.test")}).receipt.cancelled, 2);

    EXPECT_EQ(world.rows("SELECT status, count(*) FROM email_queues GROUP BY 1 ORDER BY 1"), "scheduled 1,cancelled 2");
    EXPECT_EQ(world.enrol(world.sequence(), {"new@acme.test"}).skipped.at(0).code, "suppressed");
}

TEST_F(SuppressionsTest, WhatIsOnTheListIsSkippedAndAStrongerWordReplacesIt) {
    world.suppressions.add({entry("a@acme.test", "bounced")});

    EXPECT_EQ(world.suppressions.add({entry("a@acme.test", "import")}).skipped, 1);
    EXPECT_EQ(world.suppressions.add({entry("a@acme.test", "unsubscribed")}).added, 1);
    EXPECT_EQ(world.suppressions.add({entry("a@acme.test"), entry("A@acme.test")}).skipped, 2);

    EXPECT_EQ(world.rows("SELECT reason, former_reason FROM suppressions"), "unsubscribed bounced");
}

TEST_F(SuppressionsTest, AnOptOutOfTheListMarksThePerson) {
    world.enrol(world.sequence(), {"a@acme.test"});

    world.suppressions.add({entry("a@acme.test", "unsubscribed")});

    EXPECT_EQ(world.rows("SELECT status FROM contacts"), "unsubscribed");
    EXPECT_EQ(enrollments(), "stopped unsubscribed");
    EXPECT_EQ(emails(), "cancelled unsubscribed");
}

TEST_F(SuppressionsTest, Case85BlocksTheNormalFormAndNoOtherAddress) {
    world.suppressions.add({entry("A.B+c@EX.test", "unsubscribed")});

    const auto enrolled = world.enrol(world.sequence(), {"a.b+c@ex.test", "ab@ex.test", "a.b@ex.test"});

    EXPECT_EQ(enrolled.contacts_added, 2);
    EXPECT_EQ(enrolled.skipped.at(0).code, "unsubscribed");
    EXPECT_TRUE(world.suppressions.check("a.b+c@ex.test"));
    EXPECT_FALSE(world.suppressions.check("ab@ex.test"));
}

TEST_F(SuppressionsTest, RemovalFreesThePersonAndRevivesNoMail) {
    world.enrol(world.sequence(), {"a@acme.test"});
    world.suppressions.add({entry("a@acme.test", "complained")});
    const auto id = id_of("a@acme.test");

    EXPECT_EQ(world.suppressions.remove(id, false, {}), Removed::needs_force);
    EXPECT_EQ(world.suppressions.remove(id, true, "a mistake"), Removed::gone);
    EXPECT_EQ(world.suppressions.remove(id, true, {}), Removed::no_such);

    EXPECT_EQ(world.rows("SELECT status FROM contacts"), "active");
    EXPECT_EQ(emails(), "cancelled complained");
    EXPECT_EQ(world.enrol(world.sequence(), {"a@acme.test"}).contacts_added, 1);
}

TEST_F(SuppressionsTest, ListsByIdWithAFilter) {
    world.suppressions.add({entry("a@acme.test"), entry("b@acme.test", "import"), entry("acme.test")});

    const auto all = world.suppressions.list({}, {}, 10);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(world.suppressions.list({}, all[0].id, 10).size(), 2U);
    EXPECT_EQ(world.suppressions.list("import", {}, 10).at(0).value, "b@acme.test");
    EXPECT_EQ(world.suppressions.find(all[0].id)->value, all[0].value);
    EXPECT_EQ(world.suppressions.check("x@acme.test")->kind, "domain");
}

// Its enrolment began before the entry was there and was committed after the stop act had looked.
TEST_F(SuppressionsTest, TheClaimEndsAnEnrolmentThatTheStopActCouldNotSee) {
    world.enrol(world.sequence(), {"a@acme.test", "b@acme.test"});
    for (const auto& email : world.emails()) world.bring_to(email, "queued");
    world.run("INSERT INTO suppressions (kind, value, reason, settled_at) VALUES ('email', 'a@acme.test', 'manual', "
              "now())");
    pg::Pool hot{world.url(), 1, store::hot_settings()};
    store::EmailQueueStore queue{hot, world.url(), std::chrono::minutes{20}};

    EXPECT_EQ(queue.claim({world.emails(), {}, "sender", std::chrono::minutes{20}}).emails.size(), 1U);

    EXPECT_EQ(world.rows("SELECT status, reason FROM email_queues ORDER BY status"), "sending ,cancelled suppressed");
    EXPECT_EQ(world.rows("SELECT status, reason FROM sequence_contacts ORDER BY status"), "active ,stopped suppressed");
}

/// A stop act whose second transaction never came.
class CutOff : public SuppressionsTest {
protected:
    CutOff() {
        world.enrol(world.sequence(), {"a@acme.test", "b@acme.test"});
        world.run("INSERT INTO suppressions (kind, value, reason) VALUES ('email', 'a@acme.test', 'unsubscribed')");
    }
    domain::ProduceLimits limits() {
        domain::ProduceLimits all;
        all.check_after = std::chrono::minutes{10};
        return all;
    }

    pg::Pool hot{world.url(), 4, store::hot_settings()};
    store::EmailQueueStore queue{hot, world.url(), std::chrono::minutes{20}};
};

TEST_F(CutOff, TheProducerReservesNothingForWhoIsSuppressed) {
    EXPECT_EQ(queue.produce(limits()).emails, 1);

    EXPECT_EQ(world.rows("SELECT status, reason FROM email_queues ORDER BY status"), "queued ,cancelled suppressed");
    EXPECT_EQ(world.rows("SELECT reserved_count FROM mailbox_daily_counts"), "1");
    EXPECT_EQ(world.rows("SELECT event_type, event_data->>'reason' FROM email_events"), "cancelled suppressed");
    EXPECT_EQ(queue.next_due(limits()), std::nullopt) << "the due scan does not see it again";
}

TEST_F(CutOff, TheProducerSeesASuppressedDomainToo) {
    world.run("UPDATE suppressions SET kind = 'domain', value = 'acme.test'");
    EXPECT_EQ(queue.produce(limits()).emails, 0);
    EXPECT_EQ(emails(), "cancelled suppressed,cancelled suppressed");
}

TEST_F(CutOff, TheJanitorFinishesTheStopAct) {
    EXPECT_EQ(queue.finish_stops(std::chrono::hours{1}, 10), 0) << "its act may still be under way";
    EXPECT_EQ(queue.finish_stops(Duration{0}, 10), 1);
    EXPECT_EQ(queue.finish_stops(Duration{0}, 10), 0);

    EXPECT_EQ(world.rows("SELECT status, reason FROM email_queues ORDER BY status"),
              "scheduled ,cancelled unsubscribed");
    EXPECT_EQ(world.rows("SELECT status, reason FROM sequence_contacts ORDER BY status"),
              "active ,stopped unsubscribed");
    EXPECT_EQ(queue.produce(limits()).emails, 1);
}

}  // namespace
}  // namespace sequitur
