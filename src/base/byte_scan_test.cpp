#include "base/byte_scan.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sequitur::scan {

namespace {

std::size_t first_of_semicolon(std::string_view text) {
    return first(text, [](Block block) { return block == ';'; });
}

TEST(ByteScan, FindsTheFirstOfManyWhereverItStands) {
    for (std::size_t size = 0; size < 70; ++size)
        for (std::size_t at = 0; at <= size; ++at) {
            std::string text(size, 'x');
            for (std::size_t i = at; i < size; i += 3) text[i] = ';';
            ASSERT_EQ(first_of_semicolon(text), at) << "of " << size;
        }
}

TEST(ByteScan, DoesNotReadBeyondTheText) { EXPECT_EQ(first_of_semicolon(std::string_view{"xx;", 2}), 2U); }

TEST(ByteScan, KnowsTheThreeEndsOfALine) {
    EXPECT_EQ(line_end("abc\rd\n"), 3U);
    EXPECT_EQ(line_end("abcd\n"), 4U);
    EXPECT_EQ(line_end(std::string_view{"ab\0\n", 4}), 2U);
    EXPECT_EQ(line_end("a line without an end\v\t\x0e\xff"), 25U);
}

TEST(ByteScan, ReadsBytesOutsideOfAsciiAsNegative) {
    EXPECT_EQ(first("a long text in ASCII, gr\xC3\xBC\xC3\x9F", [](Block block) { return block < 0; }), 24U);
}

}  // namespace

TEST(ByteScan, SeesTheOneByteWhereverItStandsInALongText) {
    for (std::size_t size = 0; size <= 150; ++size) {
        std::string text(size, 'x');
        ASSERT_TRUE(is_ascii(text)) << size;
        for (std::size_t at = 0; at < size; ++at) {
            text[at] = '\xC3';
            ASSERT_FALSE(is_ascii(text)) << at << " of " << size;
            text[at] = 'x';
        }
    }
}

TEST(ByteScan, FindsTheFirstPairWhereverItStands) {
    for (std::size_t size = 0; size <= 150; ++size)
        for (std::size_t at = 0; at + 2 <= size; ++at) {
            std::string text(size, 'x');
            text[at] = '\n';
            text[at + 1] = '.';
            if (at + 3 < size) text[size - 1] = '.';
            EXPECT_EQ(pair(text, '\n', '.'), at) << size;
            text[at] = 'x';
            EXPECT_EQ(pair(text, '\n', '.'), std::string_view::npos) << size;
        }
}

}  // namespace sequitur::scan
