#include "base/nearest.hpp"

#include <gtest/gtest.h>

#include <array>

namespace sequitur {

namespace {

constexpr std::array<std::string_view, 3> words{"wait_days", "subject", "content"};

TEST(Nearest, FindsTheWordWithTheFewestEdits) {
    EXPECT_EQ(nearest("wait_day", words), "wait_days");
    EXPECT_EQ(nearest("sujbect", words), "subject");
}

TEST(Nearest, SuggestsNothingForAWordThatIsFarFromAll) {
    EXPECT_EQ(nearest("colour", words), "");
    EXPECT_EQ(nearest(std::string(100'000, 'x'), words), "");
}

TEST(Nearest, CountsASwapOfNeighboursAsOneEdit) {
    EXPECT_EQ(edit_distance("ab", "ba"), 1U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("same", "same"), 0U);
}

}  // namespace

}  // namespace sequitur
