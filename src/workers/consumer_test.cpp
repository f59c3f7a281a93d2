#include "workers/consumer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "support/fake_bus.hpp"
#include "support/manual_clock.hpp"

namespace sequitur::workers {
namespace {

using namespace std::chrono_literals;
using domain::FollowupEvents;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<EmailId> emails_of(const FollowupEvents& event) {
    std::vector<EmailId> ids;
    for (const auto& step : event.completed) ids.push_back(step.email_queue_id);
    return ids;
}

struct ConsumerTest : testing::Test {
    /// A record with `items` items; returns their emails.
    std::vector<EmailId> feed(int items, int partition = 0) {
        FollowupEvents event{Uuid::v7(clock.now()), clock.now(), {}};
        for (int i = 0; i < items; ++i)
            event.completed.push_back({EnrollmentId::make(clock.now()), EmailId::make(clock.now()), 0});
        bus.feed(topic, encode(event), partition);
        return emails_of(event);
    }
    std::vector<EmailId> handle(std::span<const Taken<FollowupEvents>> batch) {
        trace.push_back("handle " + std::to_string(batch.size()));
        if (on_handle) on_handle();
        std::vector<EmailId> missing;
        for (const auto& taken : batch)
            for (const auto& email : taken.emails) {
                if (refused.contains(email)) throw domain::StoreRefused("check violated");
                if (unknown.contains(email)) missing.push_back(email);
            }
        return missing;
    }
    Consumed run() { return consumer.run_once(clock.now()); }
    std::string letter(std::size_t number) const { return bus.published.at(number).payload; }

    static constexpr std::string_view topic = domain::topics::followup_events;
    test::Trace trace;
    test::FakeBus bus{trace};
    test::ManualClock clock;
    metrics::Registry registry;
    std::set<EmailId> refused, unknown;
    std::function<void()> on_handle;
    Consumer<FollowupEvents> consumer{
        bus,
        {"followup", topic, domain::decode_followup_events, emails_of, [this](auto batch) { return handle(batch); }},
        {clock, registry}};
};

TEST_F(ConsumerTest, CommitsAfterItHandled) {
    feed(2);
    feed(1, 5);

    const auto done = run();

    EXPECT_EQ(done.items, 3U);
    EXPECT_THAT(trace, ElementsAre("handle 2", "commit followup-events 0:1", "commit followup-events 5:1"));
}

TEST_F(ConsumerTest, AnIdleRoundCommitsNothing) {
    run();

    EXPECT_THAT(trace, IsEmpty());
}

TEST_F(ConsumerTest, PoisonIsSetAsideBeforeItsOffsetIsCommitted) {
    bus.feed(topic, "{\"v\":99}");

    const auto done = run();

    EXPECT_EQ(done.dead_letters, 1U);
    EXPECT_THAT(trace, ElementsAre("publish followup-events.dlq", "commit followup-events 0:1"));
    EXPECT_THAT(letter(0), HasSubstr("version 99 is not known"));
    EXPECT_NE(registry.text().find(R"(sequitur_dead_letters_total{topic="followup-events"} 1)"), std::string::npos);
}

TEST_F(ConsumerTest, PoisonThatCouldNotBeSetAsideIsNotCommitted) {
    bus.feed(topic, "half a rec");
    bus.publishes_to_fail = 1;

    EXPECT_THROW(run(), domain::BusError);
    EXPECT_THAT(trace, IsEmpty());
    run();

    EXPECT_THAT(trace, ElementsAre("publish followup-events.dlq", "commit followup-events 0:1"));
}

TEST_F(ConsumerTest, PoisonDoesNotHoldUpItsNeighbours) {
    feed(1);
    bus.feed(topic, "");
    feed(1);

    EXPECT_EQ(run().items, 2U);

    EXPECT_EQ(bus.committed.at({std::string{topic}, 0}), 3);
}

TEST_F(ConsumerTest, OneDeadLetterNamesTheUnknownEmailsOfARecord) {
    const auto emails = feed(4);
    feed(1);
    unknown = {emails[1], emails[3]};

    const auto done = run();

    EXPECT_EQ(done.items, 5U) << "the rest is processed";
    ASSERT_EQ(bus.published.size(), 1U);
    EXPECT_THAT(letter(0), HasSubstr("no such email: " + emails[1].text() + ", " + emails[3].text()));
    EXPECT_THAT(trace, ElementsAre("handle 2", "publish followup-events.dlq", "commit followup-events 0:2"));
}

TEST_F(ConsumerTest, ARefusedBatchIsHalvedUntilTheBadRecordIsAlone) {
    for (int i = 0; i < 3; ++i) feed(1);
    refused.insert(feed(1)[0]);
    for (int i = 0; i < 4; ++i) feed(1);

    const auto done = run();

    EXPECT_EQ(done.items, 7U);
    EXPECT_EQ(done.dead_letters, 1U);
    EXPECT_THAT(letter(0), HasSubstr("check violated"));
    EXPECT_THAT(letter(0), HasSubstr("\"offset\":3"));
    EXPECT_THAT(trace, ElementsAre("handle 8", "handle 4", "handle 2", "handle 2", "handle 1", "handle 1",
                                   "publish followup-events.dlq", "handle 4", "commit followup-events 0:8"));
}

TEST_F(ConsumerTest, EverythingComesAgainWhenTheDatabaseIsGone) {
    feed(1);
    on_handle = [] { throw domain::StoreUnavailable("gone"); };
    EXPECT_THROW(run(), domain::StoreUnavailable);
    EXPECT_EQ(bus.subscriptions_open, 0) << "the membership is given up";

    on_handle = nullptr;

    EXPECT_EQ(run().items, 1U);
    EXPECT_EQ(bus.subscriptions_made, 2);
}

TEST_F(ConsumerTest, JoinsAnewAfterTheBusFailed) {
    feed(1);
    bus.polls_to_fail = 1;
    EXPECT_THROW(run(), domain::BusError);
    bus.commits_to_fail = 1;
    EXPECT_THROW(run(), domain::BusError);

    EXPECT_EQ(run().items, 1U);
    EXPECT_EQ(bus.subscriptions_made, 3);
}

TEST_F(ConsumerTest, KeepsItsMembershipWhileAllIsWell) {
    for (int i = 0; i < 3; ++i) run();

    EXPECT_EQ(bus.subscriptions_made, 1);
}

TEST_F(ConsumerTest, ARefusedCommitIsNoFailure) {
    feed(1);
    bus.refused_commits = {0};

    EXPECT_EQ(run().items, 1U);

    EXPECT_EQ(bus.subscriptions_open, 1);
}

TEST_F(ConsumerTest, ABatchHasAtMostFiveHundredItemsOfWholeRecords) {
    feed(300);
    feed(200);
    feed(1);
    feed(700);
    feed(1);

    EXPECT_EQ(run().items, 1202U);

    EXPECT_THAT(trace, ElementsAre("handle 2", "handle 1", "handle 1", "handle 1", "commit followup-events 0:5"));
}

TEST_F(ConsumerTest, GathersSeveralPollsIntoOneBatch) {
    for (int i = 0; i < 250; ++i) feed(1);

    EXPECT_EQ(run().items, 250U);

    EXPECT_THAT(trace, ElementsAre("handle 250", "commit followup-events 0:250"));
}

TEST_F(ConsumerTest, StopsGatheringAtFiveHundredItems) {
    for (int i = 0; i < 601; ++i) feed(1);

    EXPECT_EQ(run().items, 500U);
    EXPECT_EQ(run().items, 101U);
}

}  // namespace
}  // namespace sequitur::workers
