#include "workers/janitor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_bus.hpp"
#include "support/fake_email_queue.hpp"
#include "support/manual_clock.hpp"

namespace sequitur::workers {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;

struct JanitorTest : testing::Test {
    bool producer_was_rung() { return producer_bell.wait(Duration::zero(), {}); }
    void next_round() {
        trace.clear();
        janitor.run_once(clock.now());
    }

    test::Trace trace;
    test::FakeEmailQueue queue{trace};
    test::FakeBus bus{trace};
    test::ManualClock clock;
    metrics::Registry registry;
    Doorbell producer_bell;
    JanitorConfig config{.queued_after = 1min, .failed_after = 2min, .stranded_after = 3min, .unknown_after = 4min};
    Janitor janitor{queue, bus, producer_bell, config, {clock, registry}};
};

TEST_F(JanitorTest, DoesEverySweepInARound) {
    next_round();

    EXPECT_THAT(trace, ElementsAre("sweep_batches", "finish_stops", "sweep_failed", "assume_sent", "release_held",
                                   "stranded", "probe_logins", "tidy_partitions"));
    EXPECT_EQ(bus.tidied, 1);
}

TEST_F(JanitorTest, GivesEachSweepItsAge) {
    next_round();

    EXPECT_EQ(queue.queued_after, 1min);
    EXPECT_EQ(queue.failed_after, 2min);
    EXPECT_EQ(queue.stranded_after, 3min);
    EXPECT_EQ(queue.unknown_after, 4min);
    EXPECT_EQ(queue.partitions, (std::pair<int, Duration>{14, 90 * 24h}));
}

TEST_F(JanitorTest, GivesStrandedPeopleTheirFollowUp) {
    const auto email = EmailId::make(clock.now());
    queue.stranded_pages = {{{EnrollmentId::make(clock.now()), email, 2}}};

    next_round();

    ASSERT_EQ(queue.followup_calls.size(), 1U);
    EXPECT_EQ(queue.followup_calls[0][0].email_queue_id, email);
    EXPECT_THAT(queue.inboxes[0], ElementsAre());
}

TEST_F(JanitorTest, GoesOnWhileItFindsStrandedPeopleButNotForEver) {
    const std::vector page{domain::StepCompleted{EnrollmentId::make(clock.now()), EmailId::make(clock.now()), 2}};
    queue.stranded_pages.assign(3, page);
    next_round();
    EXPECT_EQ(queue.followup_calls.size(), 3U);

    queue.stranded_pages.assign(100, page);
    next_round();
    EXPECT_FALSE(queue.stranded_pages.empty());
}

TEST_F(JanitorTest, RingsTheProducerForWhateverItMadeSchedulable) {
    next_round();
    EXPECT_FALSE(producer_was_rung());

    queue.swept.rescheduled = 1;
    next_round();
    EXPECT_TRUE(producer_was_rung());

    queue.swept = {.rescheduled = 0, .unknown = 3, .stopped = 2};
    queue.swept_failed.permanent = 1;
    queue.assumed = 1;
    next_round();
    EXPECT_FALSE(producer_was_rung()) << "none of these can be sent";

    queue.swept_failed.scheduled = 1;
    next_round();
    EXPECT_TRUE(producer_was_rung());

    queue.swept_failed = {};
    queue.released = 1;
    next_round();
    EXPECT_TRUE(producer_was_rung());

    queue.released = 0;
    queue.stranded_pages = {{{EnrollmentId::make(clock.now()), EmailId::make(clock.now()), 2}}};
    queue.followups.scheduled = 1;
    next_round();
    EXPECT_TRUE(producer_was_rung());
}

TEST_F(JanitorTest, TidiesTheBusOnceAMinuteAndPartitionsOnceAnHour) {
    next_round();

    clock.advance(59s);
    next_round();
    EXPECT_EQ(bus.tidied, 1);

    clock.advance(1s);
    next_round();
    EXPECT_EQ(bus.tidied, 2);
    EXPECT_THAT(trace, Not(Contains("tidy_partitions")));

    clock.advance(59min);
    next_round();
    EXPECT_THAT(trace, Contains("tidy_partitions"));
}

TEST_F(JanitorTest, ASweepThatFailsDoesNotKeepTheOthersFromTheirTurn) {
    queue.unavailable = {"sweep_failed", 2};

    EXPECT_THROW(janitor.run_once(clock.now()), domain::StoreUnavailable);
    trace.clear();
    EXPECT_THROW(janitor.run_once(clock.now()), domain::StoreUnavailable);

    EXPECT_THAT(trace, ElementsAre("assume_sent", "release_held", "stranded", "probe_logins", "tidy_partitions",
                                   "sweep_batches", "finish_stops", "sweep_failed"));
}

TEST_F(JanitorTest, EndsBetweenTwoSweepsWhenItIsStopped) {
    std::stop_source stop;
    stop.request_stop();

    janitor.run_once(clock.now(), stop.get_token());

    EXPECT_THAT(trace, ElementsAre());
}

TEST_F(JanitorTest, NamesTheSettingThatIsWrong) {
    config.unknown_after = 0s;
    try {
        config.check();
        FAIL() << "an age of zero was accepted";
    } catch (const std::invalid_argument& error) {
        EXPECT_STREQ(error.what(), "sender.unknown_after must be above zero");
    }
}

}  // namespace
}  // namespace sequitur::workers
