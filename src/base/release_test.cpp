#include "base/release.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sequitur {

namespace {

TEST(Release, GivesTheMemoryBack) {
    std::string text(10'000, 'x');
    std::vector<int> numbers(10'000);

    release(text);
    release(numbers);

    EXPECT_EQ(text.capacity(), std::string{}.capacity());
    EXPECT_EQ(numbers.capacity(), 0U);
}

}  // namespace

}  // namespace sequitur
