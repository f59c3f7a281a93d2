// What an outcome leaves behind for the mail's next life: held for a missing value, or under another Message-ID.
#include "store/email_queue_store.hpp"

#include <gtest/gtest.h>

#include "support/queue_world.hpp"

namespace sequitur {

namespace {

using domain::EmailStatus;
using test::QueueWorld;
using namespace std::chrono_literals;

// The contact is filled in between the claim, which read the empty one, and the outcome that holds the mail.
TEST(Janitor, Case90ReleasesAMailWhoseContactChangedBeforeItWasHeld) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(), world.mailbox(), 1);
    world.produce();
    const auto email = world.claim_one(emails[0]);
    world.run("UPDATE contacts SET company = 'Acme', updated_at = clock_timestamp()");
    world.end(email, EmailStatus::held, "missing_variable");

    EXPECT_EQ(world.queue.release_held(10), 1);
    EXPECT_EQ(world.status(emails[0]), "scheduled");
}

// A transaction that began before the claim may be seen only after the mail was held.
TEST(Janitor, Case90ReleasesAMailWhoseContactBearsATimeFromBeforeItWasHeld) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(), world.mailbox(), 1);
    world.produce();
    world.end(world.claim_one(emails[0]), EmailStatus::held, "missing_variable");
    EXPECT_EQ(world.queue.release_held(10), 0);
    world.run("UPDATE contacts SET company = 'Acme', updated_at = updated_at + interval '1 microsecond'");

    EXPECT_EQ(world.queue.release_held(10), 1);
}

TEST(Outcome, Case90HoldsAMailWithoutCountingAnAttempt) {
    QueueWorld world;
    const auto mailbox = world.mailbox();
    const auto emails = world.enrol(world.sequence(), mailbox, 1);
    world.produce();
    world.end(world.claim_one(emails[0]), EmailStatus::held, "missing_variable");

    EXPECT_EQ(world.column("retry_count", emails[0]), "0");
    EXPECT_EQ(world.column("first_attempt_at", emails[0]), "");  // the Date will be that of the first real try
    EXPECT_EQ(world.counts(mailbox), "0 0 0 0");
}

TEST(Outcome, Case22KeepsTheMessageIdOfTheProviderForTheNextStep) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(2), world.mailbox(), 1);
    world.produce();
    const auto email = world.claim_one(emails[0]);
    world.permit(email);
    domain::Outcome outcome;
    outcome.id = email.id;
    outcome.epoch = email.epoch;
    outcome.status = EmailStatus::sent;
    outcome.event_type = "sent";
    outcome.charged_date = email.charged_date;
    outcome.effective_message_id = "<0102abc@eu-west-1.amazonses.com>";
    world.queue.flush({.permits = {}, .outcomes = {outcome}, .troubles = {}});

    EXPECT_EQ(world.column("effective_message_id", emails[0]), "<0102abc@eu-west-1.amazonses.com>");
    world.queue.schedule_followups({{email.enrollment, email.id, 0}}, {}, 0s);
    world.produce();
    const auto next = world.one<EmailId>("SELECT id FROM email_queues WHERE status = 'queued'");
    const auto thread = world.claim_one(next).thread;
    ASSERT_EQ(thread.size(), 1U);
    EXPECT_EQ(thread[0].message_id, "<0102abc@eu-west-1.amazonses.com>");
}

}  // namespace

}  // namespace sequitur
