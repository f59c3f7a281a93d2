// One hash, and two at once: whichever way this processor takes, the digests are those of FIPS 180-4.
#include "mail/sha256.hpp"

#include <gtest/gtest.h>

#include "mail/sha256_lanes.hpp"

namespace sequitur::mail {

namespace {

TEST(Sha256, IsThatOfTheStandard) {
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Around the ends of blocks, where the last one holds the length or needs another for it.
TEST(Sha256, OfTwoIsThatOfEach) {
    std::string text;
    for (int n = 0; n < 9'000; ++n) text += static_cast<char>(n * 7 + n / 256);
    for (const std::size_t first : {0, 1, 55, 56, 63, 64, 65, 119, 120, 4'096, 8'600}) {
        for (const std::size_t second : {0, 3, 55, 56, 64, 128, 8'599, 9'000}) {
            const auto one = std::string_view{text}.substr(0, first);
            const auto other = std::string_view{text}.substr(text.size() - second);
            EXPECT_EQ(sha256_of_two(one, other), std::pair(sha256(one), sha256(other))) << first << ' ' << second;
        }
    }
}

// The same thread's lanes again: nothing is left in them.
TEST(Sha256, OfTwoIsTheSameEachTime) {
    const auto once = sha256_of_two("first", "second");

    for (int n = 0; n < 100; ++n) EXPECT_EQ(sha256_of_two("first", "second"), once);
}

TEST(Sha256, TakesLanesWhereTheProcessorHasThem) {
    const auto lanes = sha256_in_lanes("abc", "");

    if (!lanes) GTEST_SKIP() << "this processor, or this build, hashes one after the other";
    EXPECT_EQ(*lanes, std::pair(sha256("abc"), sha256("")));
}

}  // namespace

}  // namespace sequitur::mail
