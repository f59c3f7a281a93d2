// What a mailbox's failures do to it and to the others of its server: mailbox_trouble, host_works, mailbox_refusals and
// mailbox_probe on a real database.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/queue_world.hpp"

namespace sequitur {
namespace {

using namespace std::chrono_literals;
using domain::EmailStatus;
using test::QueueWorld;

constexpr domain::MailboxRest minute{.rest = 1min};
constexpr domain::MailboxRest minute_of_host{.rest = 1min, .is_of_host = true};
constexpr domain::MailboxRest login{.needs_a_person = true, .probe_after = 1h};

class MailboxFailures : public ::testing::Test {
protected:
    void fails(const MailboxId& mailbox, const domain::MailboxRest& rest,
               const std::string& reason = "connect_failed") {
        world.queue.flush({.permits = {}, .outcomes = {}, .troubles = {{mailbox, reason, "its own words", rest}}});
    }
    std::string state(const MailboxId& mailbox) {
        return world.one<std::string>(
            "SELECT concat_ws(' ', status, backoff_until > now(), backoff_count, rest_of_host, "
            "COALESCE(state_reason, '-')) FROM mailboxes WHERE id = $1",
            mailbox);
    }
    std::vector<MailboxId> mailboxes(int count) {
        std::vector<MailboxId> made;
        for (int i = 0; i < count; ++i) made.push_back(world.mailbox());
        return made;
    }
    int resting() {
        return static_cast<int>(
            world.one<std::int64_t>("SELECT count(*) FROM mailboxes WHERE backoff_until > clock_timestamp()"));
    }
    void rest_is_over() {
        world.run("UPDATE mailboxes SET backoff_until = now() - interval '1 s' WHERE backoff_until > now()");
    }
    /// One mail of this mailbox, sent or refused by policy.
    void finish(const MailboxId& mailbox, bool refused, int count = 1) {
        const auto emails = world.enrol(sequence, mailbox, count);
        world.produce();
        domain::Flush flush;
        for (const auto& email : world.claim(emails).emails) {
            domain::Outcome outcome;
            outcome.id = email.id;
            outcome.epoch = email.epoch;
            outcome.mailbox = mailbox;
            outcome.charged_date = email.charged_date;
            outcome.status = refused ? EmailStatus::permanent_failure : EmailStatus::sent;
            outcome.event_type = refused ? "failed" : "sent";
            if (refused) outcome.reason = "blocked";
            if (refused) outcome.error_message = "554 5.7.1 spam";
            outcome.is_policy_refusal = refused;
            outcome.clears_back_off = !refused && email.backoff_count > 0;
            flush.outcomes.push_back(outcome);
        }
        ASSERT_EQ(flush.outcomes.size(), static_cast<std::size_t>(count));
        world.queue.flush(flush);
    }

    QueueWorld world;
    SequenceId sequence = world.sequence(1);
};

TEST_F(MailboxFailures, RestAMailboxOncePerRest) {
    const auto box = world.mailbox();
    fails(box, minute);
    fails(box, minute);
    EXPECT_EQ(state(box), "active t 1 f connect_failed");

    rest_is_over();
    fails(box, minute);
    EXPECT_EQ(state(box), "active t 2 f connect_failed");
}

TEST_F(MailboxFailures, OfOneAmongManyLeaveTheOthersOfItsServerAlone) {
    const auto boxes = mailboxes(10);
    fails(boxes[0], minute_of_host);
    fails(boxes[1], minute_of_host);
    EXPECT_EQ(resting(), 2);
}

TEST_F(MailboxFailures, OfSeveralRestAllMailboxesOfTheirServer) {
    const auto boxes = mailboxes(10);
    const auto elsewhere = world.one<MailboxId>(
        "INSERT INTO mailboxes (email, smtp_host, smtp_port) VALUES ('e@corp.test', 'other.test', 25) RETURNING id");
    for (int i = 0; i < 3; ++i) fails(boxes[static_cast<std::size_t>(i)], minute_of_host);

    EXPECT_EQ(resting(), 10);
    EXPECT_EQ(state(boxes[9]), "active t 1 t connect_failed");
    EXPECT_EQ(state(elsewhere), "active f 0 f -");
}

TEST_F(MailboxFailures, OfAServerWithTwoMailboxesNeedBoth) {
    const auto boxes = mailboxes(2);
    fails(boxes[0], minute_of_host);
    EXPECT_EQ(resting(), 1);
    fails(boxes[1], minute_of_host);
    EXPECT_EQ(resting(), 2);
}

TEST_F(MailboxFailures, OfAServerGrowForAllWithOneThatLooksAgain) {
    const auto boxes = mailboxes(5);
    for (int i = 0; i < 3; ++i) fails(boxes[static_cast<std::size_t>(i)], minute_of_host);
    world.run("UPDATE mailboxes SET backoff_until = now() - interval '1 s' WHERE id = $1", boxes[0]);

    fails(boxes[0], {.rest = 2min, .is_of_host = true});

    EXPECT_EQ(state(boxes[4]), "active t 2 t connect_failed");
    EXPECT_EQ(world.one<std::int64_t>("SELECT count(*) FROM mailboxes WHERE backoff_until > now() + interval '100 s'"),
              5);
}

TEST_F(MailboxFailures, OfAServerEndWithTheFirstMailThatGetsThrough) {
    const auto boxes = mailboxes(5);
    for (int i = 0; i < 3; ++i) fails(boxes[static_cast<std::size_t>(i)], minute_of_host);
    fails(boxes[4], minute, "quota");  // rests already: the server's rest stands
    world.run("UPDATE mailboxes SET backoff_until = now() - interval '1 s' WHERE id = $1", boxes[0]);

    finish(boxes[0], false);

    EXPECT_EQ(resting(), 0);
    EXPECT_EQ(state(boxes[3]), "active f 0 f -");
}

TEST_F(MailboxFailures, OfItsOwnOutliveTheServersRest) {
    const auto boxes = mailboxes(5);
    fails(boxes[4], {.rest = 1h}, "quota");
    for (int i = 0; i < 3; ++i) fails(boxes[static_cast<std::size_t>(i)], minute_of_host);
    world.run("UPDATE mailboxes SET backoff_until = now() - interval '1 s' WHERE id = $1", boxes[0]);

    finish(boxes[0], false);

    EXPECT_EQ(state(boxes[4]), "active t 1 f quota");
    EXPECT_EQ(state(boxes[1]), "active f 0 f -");
}

TEST_F(MailboxFailures, ProbeARefusedLoginOnceAndThenWaitForAPerson) {
    const auto box = world.mailbox();
    fails(box, login, "auth_failed");
    EXPECT_EQ(state(box), "error f 1 f auth_failed");
    EXPECT_EQ(world.queue.probe_logins(), 0) << "not before its time";

    world.run("UPDATE mailboxes SET probe_at = now()");
    EXPECT_EQ(world.queue.probe_logins(), 1);
    EXPECT_EQ(state(box), "active f 1 f auth_failed");

    fails(box, login, "auth_failed");
    EXPECT_EQ(state(box), "error f 2 f auth_failed");
    EXPECT_EQ(world.one<bool>("SELECT probe_at IS NULL FROM mailboxes WHERE id = $1", box), true);
}

TEST_F(MailboxFailures, OfALoginAreForgottenWithTheFirstMailThatGetsThrough) {
    const auto box = world.mailbox();
    fails(box, login, "auth_failed");
    world.run("UPDATE mailboxes SET probe_at = now()");
    world.queue.probe_logins();

    finish(box, false);
    EXPECT_EQ(state(box), "active f 0 f -");
    fails(box, login, "auth_failed");

    EXPECT_FALSE(world.one<bool>("SELECT probe_at IS NULL FROM mailboxes WHERE id = $1", box)) << "one probe again";
}

TEST_F(MailboxFailures, ThreeRefusalsInTwentyMailsPauseTheMailbox) {
    const auto box = world.mailbox();
    finish(box, true);
    finish(box, false, 9);
    finish(box, true);
    finish(box, false, 8);
    EXPECT_EQ(state(box), "active f 0 f -");

    finish(box, true);

    EXPECT_EQ(state(box), "paused f 0 f refused_as_spam");
    EXPECT_EQ(world.one<std::string>("SELECT state_detail FROM mailboxes WHERE id = $1", box), "554 5.7.1 spam");
    EXPECT_EQ(world.one<std::int32_t>("SELECT refused_count FROM steps WHERE sequence_id = $1", sequence), 3);
    EXPECT_EQ(world.one<std::string>("SELECT string_agg(DISTINCT status::text, '') FROM contacts"), "active");
}

TEST_F(MailboxFailures, ThreeRefusalsInTwentyOneMailsDoNot) {
    const auto box = world.mailbox();
    finish(box, true);
    finish(box, false, 18);
    finish(box, true);
    finish(box, true);
    EXPECT_EQ(state(box), "active f 0 f -");
}

TEST_F(MailboxFailures, ThreeRefusalsOfOneFlushStopWhatIsUnderWay) {
    const auto box = world.mailbox();
    const auto waiting = world.enrol(sequence, box, 2);
    world.produce();
    const auto on_its_way = world.claim_one(waiting[0]);

    finish(box, true, 3);

    EXPECT_EQ(state(box), "paused f 0 f refused_as_spam");
    EXPECT_FALSE(world.permit(on_its_way)) << "flagged like one that a person stops";
    EXPECT_EQ(world.status(waiting[0]), "scheduled");
    EXPECT_EQ(world.status(waiting[1]), "scheduled");
}

}  // namespace
}  // namespace sequitur
