#include "base/buffers.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sequitur {

namespace {

TEST(Buffers, GivesTheMemoryThatCameBack) {
    auto first = take_buffer(5'000);
    first = std::string(5'000, 'x');
    const auto* memory = first.data();
    give_back(first);
    EXPECT_TRUE(first.empty());

    EXPECT_LT(take_buffer(2'000).capacity(), 5'000U) << "far too large for it";
    const auto second = take_buffer(4'500);

    EXPECT_EQ(second.data(), memory);
    EXPECT_TRUE(second.empty());
    EXPECT_GE(second.capacity(), 5'000U);
}

TEST(Buffers, KeepsAFewAndNothingLarge) {
    std::string large(1'000'000, 'x');
    give_back(large);
    EXPECT_LT(take_buffer(100).capacity(), 1'000'000U);
    for (int n = 0; n < 100; ++n) {
        std::string many(2'000, 'x');
        give_back(many);
    }
    std::size_t kept = 0;
    std::vector<std::string> taken;
    for (; kept < 100; ++kept) {
        taken.push_back(take_buffer(1'900));
        if (taken.back().capacity() < 2'000) break;
    }
    EXPECT_LE(kept, 6U);
}

}  // namespace

}  // namespace sequitur
