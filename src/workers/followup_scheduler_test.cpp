#include "workers/followup_scheduler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fault.hpp"
#include "support/fake_bus.hpp"
#include "support/fake_email_queue.hpp"
#include "support/manual_clock.hpp"

namespace sequitur::workers {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

struct FollowupSchedulerTest : testing::Test {
    ~FollowupSchedulerTest() override { fault::configure(""); }

    domain::StepCompleted feed_one() {
        const domain::StepCompleted step{EnrollmentId::make(clock.now()), EmailId::make(clock.now()), 3};
        bus.feed(domain::topics::followup_events, encode(domain::FollowupEvents{record, clock.now(), {step}}));
        return step;
    }

    test::Trace trace;
    test::FakeBus bus{trace};
    test::FakeEmailQueue queue{trace};
    test::ManualClock clock;
    metrics::Registry registry;
    Doorbell producer_bell;
    const Uuid record = Uuid::v7(clock.now());
    FollowupScheduler scheduler{bus, queue, producer_bell, {.day = 10s}, {clock, registry}};
};

TEST_F(FollowupSchedulerTest, SchedulesTheNextStepsInDaysOfTheConfiguredLength) {
    const auto step = feed_one();

    scheduler.run_once(clock.now());

    ASSERT_EQ(queue.followup_calls.size(), 1U);
    EXPECT_EQ(queue.followup_calls[0][0].sequence_contact_id, step.sequence_contact_id);
    EXPECT_EQ(queue.followup_calls[0][0].email_queue_id, step.email_queue_id);
    EXPECT_EQ(queue.followup_calls[0][0].step_completed, 3);
    EXPECT_EQ(queue.day, 10s);
}

TEST_F(FollowupSchedulerTest, WritesTheRecordIntoTheInbox) {
    feed_one();

    scheduler.run_once(clock.now());

    ASSERT_EQ(queue.inboxes.at(0).size(), 1U);
    EXPECT_EQ(queue.inboxes[0][0].message_id, record);
    EXPECT_EQ(queue.inboxes[0][0].topic, "followup-events");
    EXPECT_EQ(queue.inboxes[0][0].email_count, 1);
}

TEST_F(FollowupSchedulerTest, RingsTheProducerWhenSomethingWasScheduled) {
    queue.followups.completed = 1;
    feed_one();
    scheduler.run_once(clock.now());
    EXPECT_FALSE(producer_bell.wait(Duration::zero(), {}));

    queue.followups.scheduled = 1;
    feed_one();
    scheduler.run_once(clock.now());

    EXPECT_TRUE(producer_bell.wait(Duration::zero(), {}));
}

TEST_F(FollowupSchedulerTest, PassesItsFaultPointsAroundTheTransaction) {
    feed_one();

    fault::configure("followup.before_commit:error:1");
    EXPECT_THROW(scheduler.run_once(clock.now()), fault::InjectedError);
    EXPECT_THAT(trace, ElementsAre());

    fault::configure("followup.after_commit:error:1");
    EXPECT_THROW(scheduler.run_once(clock.now()), fault::InjectedError);
    EXPECT_THAT(trace, ElementsAre("schedule_followups"));

    scheduler.run_once(clock.now());
    EXPECT_THAT(trace, ElementsAre("schedule_followups", "schedule_followups", "commit followup-events 0:1"));
}

TEST_F(FollowupSchedulerTest, NamesTheSettingThatIsWrong) {
    EXPECT_THROW(FollowupConfig{.day = 0s}.check(), std::invalid_argument);
}

}  // namespace
}  // namespace sequitur::workers
