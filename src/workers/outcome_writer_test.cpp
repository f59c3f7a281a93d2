// What is written together, what waits, and what becomes of a flush that fails.
#include "workers/sender_for_tests.hpp"

namespace sequitur::workers {
namespace {

using OutcomeWriterTest = SenderTest;

TEST_F(OutcomeWriterTest, LetsOutcomesWaitForMoreWhilePermitsCome) {
    const auto record = [&] {
        domain::Outcome outcome;
        outcome.id = EmailId::make(clock.now());
        writer.record(std::move(outcome));
    };
    const auto flushed = [&] {
        writer.ask({EmailId::make(clock.now()), 1});
        writer.run_once();
        return queue.flush_calls.back();
    };
    record();

    EXPECT_TRUE(flushed().outcomes.empty()) << "the permit must not wait for them";
    record();
    clock.advance(WriterConfig{}.outcomes_wait);

    EXPECT_EQ(flushed().outcomes.size(), 2U) << "the oldest has waited long enough";
    EXPECT_TRUE(writer.idle());
}

TEST_F(OutcomeWriterTest, WritesAnOutcomeAtOnceWhereNoPermitIsAskedFor) {
    domain::Outcome outcome;
    outcome.id = EmailId::make(clock.now());
    writer.record(std::move(outcome));

    writer.run_once();

    EXPECT_EQ(queue.flush_calls.at(0).outcomes.size(), 1U);
}

TEST_F(OutcomeWriterTest, WaitsWithThePermitWhileTheDatabaseIsAway) {
    begin();
    transport.ready();
    queue.unavailable = {"flush", 1};
    EXPECT_THROW(writer.run_once(), domain::StoreUnavailable);
    EXPECT_TRUE(transport.proceeded.empty());

    writer.run_once();

    EXPECT_TRUE(queue.flush_calls.back().repeated) << "whether the first one was committed is not known";
    EXPECT_EQ(transport.proceeded.size(), 1U);
}

TEST_F(OutcomeWriterTest, HalvesAFlushUntilTheBadRowStandsAlone) {
    for (int i = 0; i < 5; ++i) {
        domain::Outcome outcome;
        outcome.id = EmailId::make(clock.now());
        if (i == 3) queue.refused.insert(outcome.id);
        writer.record(std::move(outcome));
    }

    writer.run_once();

    std::size_t alone = 0, good = 0;
    for (const auto& flush : queue.flush_calls) {
        const bool bad =
            std::ranges::any_of(flush.outcomes, [&](const auto& o) { return queue.refused.contains(o.id); });
        if (!bad) good += flush.outcomes.size();
        if (bad && flush.outcomes.size() == 1) ++alone;
    }
    EXPECT_EQ(good, 4U);
    EXPECT_EQ(alone, 1U);
    EXPECT_TRUE(writer.idle());
}

TEST_F(OutcomeWriterTest, AsksAgainAsARepeatedFlushWhenTheDatabaseGoesAwayWhileHalving) {
    domain::Outcome bad;
    bad.id = EmailId::make(clock.now());
    queue.refused.insert(bad.id);
    writer.record(std::move(bad));
    writer.ask({EmailId::make(clock.now()), 1});
    queue.unavailable = {"flush", 1};
    queue.answered_before_unavailable = 1;
    clock.advance(WriterConfig{}.outcomes_wait);
    EXPECT_THROW(writer.run_once(), domain::StoreUnavailable);
    const auto before = queue.flush_calls.size();

    writer.run_once();

    EXPECT_TRUE(queue.flush_calls.at(before).repeated) << "a half may have been committed: its permit is still ours";
}

}  // namespace
}  // namespace sequitur::workers
