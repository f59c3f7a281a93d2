#include "workers/batch_producer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fault.hpp"
#include "support/fake_email_queue.hpp"
#include "support/manual_clock.hpp"

namespace sequitur::workers {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

struct BatchProducerTest : testing::Test {
    BatchProducerTest() { config.limits.check_after = 10min; }
    ~BatchProducerTest() override { fault::configure(""); }

    bool was_rung(Doorbell& which) { return which.wait(Duration::zero(), {}); }

    test::Trace trace;
    test::FakeEmailQueue queue{trace};
    test::ManualClock clock;
    metrics::Registry registry;
    Doorbell bell, relay_bell;
    ProducerConfig config;
    Surroundings surroundings{clock, registry};
};

TEST_F(BatchProducerTest, ProducesAgainWhileAStatementComesBackFull) {
    config.limits.emails_max = 2'000;
    queue.produces = {{2'000, 40}, {30, 2}};
    BatchProducer producer{queue, bell, relay_bell, config, surroundings};

    const auto ran = producer.run_once(clock.now());

    EXPECT_EQ(ran.emails, 2'030);
    EXPECT_EQ(ran.records, 42);
    EXPECT_THAT(trace, ElementsAre("produce", "produce"));
    EXPECT_EQ(ran.rest, config.pace) << "what falls due meanwhile shares the next statement";
}

TEST_F(BatchProducerTest, OpensTheDaysOnceASecondWhileItFindsMailAndElseAlways) {
    config.limits.emails_max = 2'000;
    queue.produces = {{2'000, 40}, {30, 2}, {30, 2}, {30, 2}};
    BatchProducer producer{queue, bell, relay_bell, config, surroundings};

    producer.run_once(clock.now());  // full, so twice
    producer.run_once(clock.now());
    clock.advance(BatchProducer::open_days_every);
    producer.run_once(clock.now());
    producer.run_once(clock.now());  // finds nothing
    producer.run_once(clock.now());

    EXPECT_THAT(queue.opened_days, ElementsAre(true, false, false, true, false, true));
}

TEST_F(BatchProducerTest, RingsTheRelayWhenItProduced) {
    BatchProducer producer{queue, bell, relay_bell, config, surroundings};
    producer.run_once(clock.now());
    EXPECT_FALSE(was_rung(relay_bell));

    queue.produces = {{1, 1}};
    producer.run_once(clock.now());

    EXPECT_TRUE(was_rung(relay_bell));
}

TEST_F(BatchProducerTest, SleepsUntilTheNextMailFallsDue) {
    queue.next_dues = {7s};
    BatchProducer producer{queue, bell, relay_bell, config, surroundings};

    EXPECT_EQ(producer.run_once(clock.now()).rest, 7s);
}

TEST_F(BatchProducerTest, SleepsNoLongerThanTheInterval) {
    queue.next_dues = {10h, std::nullopt};
    BatchProducer producer{queue, bell, relay_bell, config, surroundings};

    EXPECT_EQ(producer.run_once(clock.now()).rest, 5min);
    EXPECT_EQ(producer.run_once(clock.now()).rest, 5min) << "nothing is scheduled at all";
}

TEST_F(BatchProducerTest, LooksAgainSoonWhileDueMailCouldNotBeTaken) {
    queue.next_dues = {0ms, 50ms, -3s, 0ms, 0ms, 0ms};
    BatchProducer producer{queue, bell, relay_bell, config, surroundings};

    for (const Duration rest : {50ms, 100ms, 200ms, 400ms, 500ms, 500ms})
        EXPECT_EQ(producer.run_once(clock.now()).rest, rest);
}

TEST_F(BatchProducerTest, LooksAgainSoonerAfterASuccess) {
    queue.next_dues = {0ms, 0ms, 0ms};
    BatchProducer producer{queue, bell, relay_bell, config, surroundings};
    producer.run_once(clock.now());
    producer.run_once(clock.now());

    queue.produces = {{5, 1}};

    EXPECT_EQ(producer.run_once(clock.now()).rest, config.pace);
}

TEST_F(BatchProducerTest, LooksAgainSoonerAfterAQuietTime) {
    queue.next_dues = {0ms, 0ms, 3s, 0ms};
    BatchProducer producer{queue, bell, relay_bell, config, surroundings};
    for (int i = 0; i < 3; ++i) producer.run_once(clock.now());

    EXPECT_EQ(producer.run_once(clock.now()).rest, 50ms);
}

TEST_F(BatchProducerTest, EndsBetweenTwoStatementsWhenItIsStopped) {
    queue.produces = {{2'000, 40}, {2'000, 40}};
    BatchProducer producer{queue, bell, relay_bell, config, surroundings};
    std::stop_source stop;
    stop.request_stop();

    EXPECT_EQ(producer.run_once(clock.now(), stop.get_token()).emails, 0);
}

TEST_F(BatchProducerTest, PassesItsFaultPoints) {
    queue.produces = {{1, 1}};
    BatchProducer producer{queue, bell, relay_bell, config, surroundings};

    fault::configure("produce.before_select:error:1");
    EXPECT_THROW(producer.run_once(clock.now()), fault::InjectedError);
    EXPECT_THAT(trace, ElementsAre());

    fault::configure("produce.after_commit:error:1");
    EXPECT_THROW(producer.run_once(clock.now()), fault::InjectedError);
    EXPECT_THAT(trace, ElementsAre("produce"));
}

TEST_F(BatchProducerTest, NamesTheSettingThatIsWrong) {
    config.interval = 0s;
    try {
        config.check();
        FAIL() << "an interval of zero was accepted";
    } catch (const std::invalid_argument& error) { EXPECT_STREQ(error.what(), "producer.interval must be above zero"); }
    EXPECT_THROW((BatchProducer{queue, bell, relay_bell, config, surroundings}), std::invalid_argument);
}

}  // namespace
}  // namespace sequitur::workers
