// Shows that `verify` can see: six guards of the protocol are switched off, one after the other, and for each a story
// is played that it forbids, against a mail server that writes a ledger line for every dot. With the guard off verify
// must name the broken promise; with all guards on the same story must end soundly.
//
// Some guards protect each other, on purpose; their stories say which others had to go to let the fault through.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <thread>

#include "mutants/guards.hpp"
#include "pg/transaction.hpp"
#include "store/stop_emails.hpp"
#include "store/verify.hpp"
#include "support/queue_world.hpp"

namespace sequitur::test {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::IsEmpty;

class World : public QueueWorld {
public:
    /// The dot: the server has the mail, whatever becomes of its answer.
    void dot(const domain::ClaimedEmail& email) {
        ledger << R"({"at":")" << now() << R"(","message_id":"<sequitur.)" << email.id.uuid.hex()
               << R"(@corp.test>","to":")" << email.to << "\"}\n";
    }
    /// What a sender does with a claimed email.
    void deliver(const domain::ClaimedEmail& email) {
        if (!permit(email)) return;
        dot(email);
        end(email, domain::EmailStatus::sent);
    }
    void deliver(const std::vector<EmailId>& ids) {
        for (const auto& email : claim(ids).emails) deliver(email);
    }
    std::vector<EmailId> in(const char* status) {
        return query("SELECT id FROM email_queues WHERE status::text = $1 ORDER BY step_order, id", std::string{status})
            .column<EmailId>(0);
    }
    /// Tells the follow-up scheduler that `email` left.
    void follow_up(const EmailId& email) {
        const auto row = query("SELECT sequence_contact_id, step_order FROM email_queues WHERE id = $1", email);
        queue.schedule_followups({{row.get<EnrollmentId>(0, 0), email, row.get<std::int32_t>(0, 1)}}, {}, day);
    }
    /// Until nothing moves: what is due leaves, what left is followed up, all records reach the bus.
    void come_to_rest() {
        do {
            deliver(in("queued"));
            for (const auto& email : in("sent")) follow_up(email);
        } while (produce() > 0);
        run("UPDATE outbox SET published_at = now()");
    }
    /// The names of the promises that verify finds broken.
    std::vector<std::string> broken() {
        std::istringstream lines{ledger.str()};
        std::vector<std::string> names;
        for (const auto& one : store::verify(sql, lines, {.quiescent = true, .day = day}).broken)
            names.push_back(one.invariant);
        return names;
    }
    /// Waits until `count` backends of this database wait for a lock.
    void wait_for_blocked(int count) {
        const auto deadline = SystemClock{}.steady_now() + 30s;
        while (one<std::int64_t>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                                 "wait_event_type = 'Lock'") < count)
            ASSERT_LT(SystemClock{}.steady_now(), deadline);
    }

    static constexpr Duration day = 24h;
    std::ostringstream ledger;

private:
    std::string now() {
        return one<std::string>(
            "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
    }
};

/// Plays `story` in a world of its own where `changes` are made; returns what verify finds broken.
template <class Story>
std::vector<std::string> broken_after(const Story& story, std::vector<Change> changes = {}, const char* schema = "") {
    const GuardsOff off{std::move(changes)};
    World world;
    world.sql.script(schema);
    story(world);
    world.come_to_rest();
    EXPECT_TRUE(off.all_used());
    return world.broken();
}

/// A record of the bus comes to a second sender while the first waits for the answer to its dot.
void job_comes_twice(World& world) {
    const auto ids = world.enrol(world.sequence(1), world.mailbox());
    world.produce();
    const auto first = world.claim(ids).emails.at(0);
    ASSERT_TRUE(world.permit(first));
    world.dot(first);
    world.deliver(ids);
    world.end(first, domain::EmailStatus::sent);
}

TEST(Mutants, ClaimsTestOfQueued) {
    EXPECT_THAT(broken_after(job_comes_twice), IsEmpty());
    EXPECT_THAT(broken_after(job_comes_twice, {{"claim", "e.status = 'queued' AND ", ""}}), Contains("I1"));
}

/// Somebody stops the enrolment after the claim and before the permit.
void stopped_before_the_permit(World& world) {
    const auto ids = world.enrol(world.sequence(1), world.mailbox());
    world.produce();
    const auto email = world.claim(ids).emails.at(0);
    world.run("UPDATE sequence_contacts SET status = 'stopped', reason = 'manual'");
    domain::StopReceipt receipt;
    store::stop_emails(world.sql, ids, store::StopTarget::cancelled, "manual", receipt);
    ASSERT_EQ(receipt.stopping, 1);
    world.deliver(email);
}

TEST(Mutants, PermitsTestOfTheCancel) {
    EXPECT_THAT(broken_after(stopped_before_the_permit), IsEmpty());
    EXPECT_THAT(broken_after(stopped_before_the_permit, {{"permit", "NOT e.cancel_requested AND ", ""}}),
                Contains("I7"));
}

/// Two schedulers have the same event; between their snapshots the next step moves behind where it was. Both wait for
/// the enrolment's row, so the second neither sees the first one's email nor finds `current_step` too far.
void step_moves_between_two_schedulers(World& world) {
    const auto sequence = world.sequence(2, 0);
    const auto ids = world.enrol(sequence, world.mailbox());
    world.produce();
    world.deliver(ids);

    const auto enrollment = world.one<EnrollmentId>("SELECT id FROM sequence_contacts");
    pg::Connection somebody{world.url()};
    pg::Transaction holds{somebody};
    somebody.script("SELECT FROM sequence_contacts FOR UPDATE");
    const auto schedule = [&] {
        try {
            world.queue.schedule_followups({{enrollment, ids[0], 0}}, {}, World::day);
        } catch (const domain::StoreRefused&) {}  // the UNIQUE; the event comes again
    };
    std::jthread first{schedule};
    world.wait_for_blocked(1);
    world.run("UPDATE steps SET step_order = 3 WHERE step_order = 1");
    std::jthread second{schedule};
    world.wait_for_blocked(2);
    holds.commit();
    first.join();
    second.join();
    world.run("UPDATE steps SET step_order = 1 WHERE step_order = 3");
}

TEST(Mutants, UniqueOfOneEmailAStep) {
    EXPECT_THAT(broken_after(step_moves_between_two_schedulers), IsEmpty());
    EXPECT_THAT(broken_after(step_moves_between_two_schedulers, {},
                             "ALTER TABLE email_queues DROP CONSTRAINT email_queues_once_a_step"),
                Contains("I1"));
}

/// More is due than the mailbox may send today.
void more_due_than_the_day_allows(World& world) {
    world.enrol(world.sequence(1), world.mailbox(2), 5);
    try {
        world.produce();
    } catch (const domain::StoreRefused&) {}  // the CHECK
}

TEST(Mutants, CheckOfTheReservation) {
    const Change wrong_room{"produce", "LEAST(c.cap - ", "GREATEST(c.cap - "};

    EXPECT_THAT(broken_after(more_due_than_the_day_allows), IsEmpty());
    EXPECT_THAT(broken_after(more_due_than_the_day_allows, {wrong_room},
                             "ALTER TABLE mailbox_daily_counts DROP CONSTRAINT mailbox_daily_counts_cap"),
                Contains("I5"));
}

/// A sender dies after its dot; its lease runs out and the reaper comes.
void sender_dies_after_the_dot(World& world) {
    const auto ids = world.enrol(world.sequence(1), world.mailbox());
    world.produce();
    const auto email = world.claim(ids).emails.at(0);
    ASSERT_TRUE(world.permit(email));
    world.dot(email);
    world.run("UPDATE email_queues SET lease_until = now() - interval '1 s'");
    world.run("UPDATE dispatch_batches SET check_at = now()");
    world.queue.sweep_batches(10min, 100);
}

TEST(Mutants, ReapersTestOfThePhase) {
    const Change choice{"due_batches", " AND e.phase = 'pre' THEN 'expired_pre'", " THEN 'expired_pre'"};
    const Change guard{"return_unsent", " AND e.phase = 'pre'", ""};

    EXPECT_THAT(broken_after(sender_dies_after_the_dot), IsEmpty());
    EXPECT_THAT(broken_after(sender_dies_after_the_dot, {choice, guard}), Contains("I1"));
}

/// A sender whose flush came to an unknown end asks for its permit again as if it were new; the refusal must not
/// return what may have left.
void permit_is_asked_twice(World& world) {
    const auto ids = world.enrol(world.sequence(1), world.mailbox());
    world.produce();
    const auto email = world.claim(ids).emails.at(0);
    ASSERT_TRUE(world.permit(email));
    world.dot(email);
    EXPECT_FALSE(world.permit(email));
    world.come_to_rest();
    world.end(email, domain::EmailStatus::sent);
}

TEST(Mutants, TestOfThePhaseWhereAPermitIsRefused) {
    EXPECT_THAT(broken_after(permit_is_asked_twice), IsEmpty());
    EXPECT_THAT(broken_after(permit_is_asked_twice, {{"return_unsent", " AND e.phase = 'pre'", ""}}), Contains("I1"));
}

/// The event of the first step comes again after a step in the middle was taken out, passed and put back.
void event_comes_late(World& world) {
    const auto ids = world.enrol(world.sequence(3, 0), world.mailbox());
    world.run("UPDATE steps SET deleted_at = now() WHERE step_order = 1");
    world.produce();
    world.deliver(ids);
    world.follow_up(ids[0]);
    world.produce();
    world.deliver(world.in("queued"));
    world.run("UPDATE steps SET deleted_at = NULL WHERE step_order = 1");
    world.follow_up(ids[0]);
}

TEST(Mutants, FollowUpsTestOfTheCurrentStep) {
    EXPECT_THAT(broken_after(event_comes_late), IsEmpty());
    EXPECT_THAT(broken_after(event_comes_late, {{"schedule_followups", "sc.current_step < told.next_order", "true"}}),
                Contains("I6"));
}

}  // namespace
}  // namespace sequitur::test
