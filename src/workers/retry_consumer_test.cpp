#include "workers/retry_consumer.hpp"

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

struct RetryConsumerTest : testing::Test {
    ~RetryConsumerTest() override { fault::configure(""); }

    void feed_one() {
        bus.feed(domain::topics::email_retries,
                 encode(domain::EmailRetries{Uuid::v7(clock.now()), clock.now(), {{email, 7, 2, clock.now() + 1h}}}));
    }

    test::Trace trace;
    test::FakeBus bus{trace};
    test::FakeEmailQueue queue{trace};
    test::ManualClock clock;
    metrics::Registry registry;
    Doorbell producer_bell;
    const EmailId email = EmailId::make(clock.now());
    RetryConsumer consumer{bus, queue, producer_bell, {clock, registry}};
};

TEST_F(RetryConsumerTest, AppliesTheRetryRuleToTheNamedEpoch) {
    feed_one();

    consumer.run_once(clock.now());

    ASSERT_EQ(queue.retry_calls.size(), 1U);
    EXPECT_EQ(queue.retry_calls[0][0].email_queue_id, email);
    EXPECT_EQ(queue.retry_calls[0][0].epoch, 7);
}

TEST_F(RetryConsumerTest, OnlyReschedulesAndPublishesNothing) {
    queue.retries.scheduled = 1;
    feed_one();

    consumer.run_once(clock.now());

    EXPECT_TRUE(bus.published.empty());
    EXPECT_TRUE(producer_bell.wait(Duration::zero(), {})) << "the next try may be nearer than the producer's sleep";
}

TEST_F(RetryConsumerTest, LeavesTheProducerAloneWhenNothingWasRescheduled) {
    queue.retries.permanent = 1;
    feed_one();

    consumer.run_once(clock.now());

    EXPECT_FALSE(producer_bell.wait(Duration::zero(), {}));
}

TEST_F(RetryConsumerTest, PassesItsFaultPointsAroundTheTransaction) {
    feed_one();

    fault::configure("retry.before_commit:error:1");
    EXPECT_THROW(consumer.run_once(clock.now()), fault::InjectedError);
    EXPECT_THAT(trace, ElementsAre());

    fault::configure("retry.after_commit:error:1");
    EXPECT_THROW(consumer.run_once(clock.now()), fault::InjectedError);
    EXPECT_THAT(trace, ElementsAre("apply_retries"));
}

}  // namespace
}  // namespace sequitur::workers
