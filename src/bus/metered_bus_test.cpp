#include "bus/metered_bus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "support/fake_bus.hpp"

namespace sequitur::bus {

namespace {

using testing::HasSubstr;

domain::OutgoingRecord to(std::string topic) { return {std::move(topic), 0, {}, "{}"}; }

struct MeteredBusTest : testing::Test {
    test::Trace trace;
    metrics::Registry registry;
    std::unique_ptr<test::FakeBus> owned = std::make_unique<test::FakeBus>(trace);
    test::FakeBus& fake = *owned;
    MeteredBus bus{std::move(owned), registry};
};

TEST_F(MeteredBusTest, CountsRecordsByTopicAndDirection) {
    const std::array records{to("email-jobs"), to("email-jobs"), to("email-events")};
    fake.feed("email-retries", "{}");

    bus.publish(records);
    const auto member = bus.subscribe("retry", "email-retries");

    EXPECT_EQ(member->poll(10, {}).size(), 1U);
    EXPECT_EQ(fake.published.size(), 3U);
    for (const auto* line : {"sequitur_kafka_messages_total{topic=\"email-jobs\",direction=\"produced\"} 2\n",
                             "sequitur_kafka_messages_total{topic=\"email-events\",direction=\"produced\"} 1\n",
                             "sequitur_kafka_messages_total{topic=\"email-retries\",direction=\"consumed\"} 1\n"})
        EXPECT_THAT(registry.text(), HasSubstr(line));
}

TEST_F(MeteredBusTest, CountsWhatFailedAndPassesItOn) {
    const auto member = bus.subscribe("retry", "email-retries");
    fake.publishes_to_fail = fake.polls_to_fail = fake.commits_to_fail = 1;
    const std::array record{to("email-jobs")};
    const std::array<domain::Position, 1> position{{{0, 1}}};

    EXPECT_THROW(bus.publish(record), domain::BusError);
    EXPECT_THROW(member->poll(10, {}), domain::BusError);
    EXPECT_THROW(member->commit(position), domain::BusError);

    for (const auto* line : {"_errors_total{kind=\"publish\"} 1\n", "_errors_total{kind=\"poll\"} 1\n",
                             "_errors_total{kind=\"commit\"} 1\n", "_errors_total{kind=\"lag\"} 0\n"})
        EXPECT_THAT(registry.text(), HasSubstr(line));
    EXPECT_THAT(registry.text(), Not(HasSubstr("produced")));
}

TEST_F(MeteredBusTest, CountsTheTimesThatPartitionsMoved) {
    const auto member = bus.subscribe("retry", "email-retries");
    for (const auto& held : std::vector<std::vector<int>>{{}, {0, 1}, {0, 1}, {0}, {}}) {
        fake.held = held;
        member->poll(10, {});
    }

    EXPECT_THAT(registry.text(), HasSubstr("sequitur_kafka_rebalances_total 3\n"));
}

}  // namespace

}  // namespace sequitur::bus
