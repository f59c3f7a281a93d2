#include "workers/outage.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sequitur::workers {
namespace {

using namespace std::chrono_literals;

const SteadyTime start = SteadyTime{} + 1h;

TEST(Outage, PausesTwiceAsLongAfterEachFailureUpToFiveSeconds) {
    Outage outage{"w"};

    for (const Duration pause : {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5000ms, 5000ms})
        EXPECT_EQ(outage.failed("gone", start), pause);
}

TEST(Outage, StartsAgainWithAShortPauseAfterASuccess) {
    Outage outage{"w"};
    outage.failed("gone", start);
    outage.failed("gone", start);

    outage.over(start + 1s);

    EXPECT_EQ(outage.since(), std::nullopt);
    EXPECT_EQ(outage.failed("gone", start + 2s), 100ms);
}

TEST(Outage, IsLoggedOnceAtItsBeginningAndOnceAtItsEnd) {
    Outage outage{"w"};

    testing::internal::CaptureStderr();
    for (int i = 0; i < 5; ++i) outage.failed("gone", start);
    outage.over(start + 3s);
    outage.over(start + 4s);
    const auto lines = testing::internal::GetCapturedStderr();

    EXPECT_EQ(std::ranges::count(lines, '\n'), 2) << lines;
    EXPECT_NE(lines.find("worker is failing"), std::string::npos) << lines;
    EXPECT_NE(lines.find("worker goes on"), std::string::npos) << lines;
}

TEST(Outage, BeganWithItsFirstFailure) {
    Outage outage{"w"};

    outage.failed("gone", start);
    outage.failed("gone", start + 1s);

    EXPECT_EQ(outage.since(), start);
}

}  // namespace
}  // namespace sequitur::workers
