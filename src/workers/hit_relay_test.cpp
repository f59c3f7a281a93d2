#include "workers/hit_relay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_bus.hpp"
#include "support/manual_clock.hpp"

namespace sequitur::workers {
namespace {

struct FakeBacklog final : domain::HitBacklog {
    std::vector<domain::EmailEvent> take(std::size_t hits_max) override {
        taken = std::min(hits_max, waiting.size());
        return {waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(taken)};
    }
    void done() override { waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(taken)); }
    std::vector<domain::EmailEvent> waiting;
    std::size_t taken = 0;
};

struct HitRelayTest : testing::Test {
    void hits(int count) {
        for (int i = 0; i < count; ++i)
            backlog.waiting.push_back({.id = EventId::make(clock.now()),
                                       .type = "opened",
                                       .email_queue_id = EmailId::make(clock.now()),
                                       .at = clock.now(),
                                       .recorded = false,
                                       .data = "{}"});
    }
    std::vector<EventId> published() {
        std::vector<EventId> ids;
        for (const auto& record : bus.published) {
            const auto read = domain::decode_email_events(record.payload, clock.now());
            for (const auto& event : std::get<domain::EmailEvents>(read).events) ids.push_back(event.id);
        }
        return ids;
    }

    test::Trace trace;
    test::FakeBus bus{trace};
    test::ManualClock clock;
    metrics::Registry registry;
    Doorbell bell;
    FakeBacklog backlog;
    HitRelay relay{backlog, bus, bell, {clock, registry}};
};

TEST_F(HitRelayTest, PublishesManyHitsInOneRecordAndAllOfThem) {
    hits(450);
    const auto all = backlog.waiting;
    relay.drain(clock.now());
    EXPECT_EQ(bus.published.size(), 3u);
    const auto ids = published();
    ASSERT_EQ(ids.size(), 450u);
    for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], all[i].id);
    EXPECT_TRUE(backlog.waiting.empty());
    EXPECT_EQ(bus.published[0].topic, "email-events");
}

TEST_F(HitRelayTest, ARoundLeavesTheRestOfAStormForTheNext) {
    hits(1'000);
    EXPECT_EQ(relay.run_once(clock.now()), 400u);
    EXPECT_EQ(relay.run_once(clock.now()), 400u);
    EXPECT_EQ(relay.run_once(clock.now()), 200u);
    EXPECT_EQ(relay.run_once(clock.now()), 0u);
}

TEST_F(HitRelayTest, ARoundPublishesWhateverHasWaitedForAMinute) {
    hits(1'000);
    clock.advance(std::chrono::seconds{60});
    hits(1'000);
    EXPECT_EQ(relay.run_once(clock.now()), 1'200u) << "and the record that tells that the rest is younger";
}

TEST_F(HitRelayTest, TakesNothingOffThatTheBusHasNot) {
    hits(3);
    bus.publishes_to_fail = 1;
    EXPECT_THROW(relay.run_once(clock.now()), domain::BusError);
    EXPECT_EQ(backlog.waiting.size(), 3u);
    EXPECT_EQ(relay.run_once(clock.now()), 3u);
    EXPECT_EQ(published().size(), 3u);
}

}  // namespace
}  // namespace sequitur::workers
