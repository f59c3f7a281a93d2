#include "workers/outbox_relay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fault.hpp"
#include "support/fake_bus.hpp"
#include "support/fake_outbox.hpp"
#include "support/manual_clock.hpp"

namespace sequitur::workers {
namespace {

using testing::ElementsAre;

struct OutboxRelayTest : testing::Test {
    ~OutboxRelayTest() override { fault::configure(""); }

    std::vector<std::string> published() const {
        std::vector<std::string> payloads;
        for (const auto& record : bus.published) payloads.push_back(record.payload);
        return payloads;
    }

    test::Trace trace;
    test::FakeOutbox outbox{trace};
    test::FakeBus bus{trace};
    test::ManualClock clock;
    metrics::Registry registry;
    Doorbell bell;
    RelayConfig config;
    Surroundings surroundings{clock, registry};
};

TEST_F(OutboxRelayTest, MarksOnlyWhatTheBusHasMadeDurable) {
    outbox.add("email-jobs", "a");
    OutboxRelay relay{outbox, bus, bell, config, surroundings};

    EXPECT_EQ(relay.run_once(clock.now()), 1U);

    EXPECT_THAT(trace, ElementsAre("take", "publish email-jobs", "mark"));
}

TEST_F(OutboxRelayTest, PublishesInOrderUntilNothingIsLeft) {
    for (int i = 0; i < 5; ++i) outbox.add("email-jobs", std::to_string(i));
    config.records_max = 2;
    OutboxRelay relay{outbox, bus, bell, config, surroundings};

    EXPECT_EQ(relay.run_once(clock.now()), 5U);

    EXPECT_THAT(published(), ElementsAre("0", "1", "2", "3", "4"));
    EXPECT_TRUE(outbox.unpublished.empty());
}

TEST_F(OutboxRelayTest, ReleasesWhatTheBusRefused) {
    outbox.add("email-jobs", "a");
    bus.publishes_to_fail = 1;
    OutboxRelay relay{outbox, bus, bell, config, surroundings};

    EXPECT_THROW(relay.run_once(clock.now()), domain::BusError);

    EXPECT_THAT(trace, ElementsAre("take", "release"));
    EXPECT_EQ(relay.run_once(clock.now()), 1U) << "the next try publishes it";
}

TEST_F(OutboxRelayTest, PublishesAgainWhatCouldNotBeMarked) {
    outbox.add("email-jobs", "a");
    outbox.marks_to_fail = 1;
    OutboxRelay relay{outbox, bus, bell, config, surroundings};

    EXPECT_THROW(relay.run_once(clock.now()), domain::StoreUnavailable);
    EXPECT_FALSE(outbox.is_held);
    relay.run_once(clock.now());

    EXPECT_THAT(published(), ElementsAre("a", "a"));
}

TEST_F(OutboxRelayTest, PassesItsFaultPoints) {
    OutboxRelay relay{outbox, bus, bell, config, surroundings};
    const auto passed_until = [&](const char* point) {
        outbox.add("email-jobs", "a");
        trace.clear();
        fault::configure(std::string{point} + ":error:1");
        EXPECT_THROW(relay.run_once(clock.now()), fault::InjectedError);
        return trace;
    };

    EXPECT_THAT(passed_until("relay.before_publish"), ElementsAre("take", "release"));
    outbox.unpublished.clear();
    EXPECT_THAT(passed_until("relay.after_publish"), ElementsAre("take", "publish email-jobs", "release"));
    outbox.unpublished.clear();
    EXPECT_THAT(passed_until("relay.after_mark"), ElementsAre("take", "publish email-jobs", "mark"));
}

TEST_F(OutboxRelayTest, NamesTheSettingThatIsWrong) {
    config.records_max = 0;

    EXPECT_THROW((OutboxRelay{outbox, bus, bell, config, surroundings}), std::invalid_argument);
}

}  // namespace
}  // namespace sequitur::workers
