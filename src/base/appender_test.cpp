#include "base/appender.hpp"

#include <gtest/gtest.h>

namespace sequitur {
namespace {

TEST(Appender, PutsPiecesOfEveryLengthBehindWhatIsThere) {
    std::string out = "before ";
    std::string expected = out;
    {
        Appender appender{out};
        for (std::size_t size = 0; size < 3 * Appender::room_bytes_max; size += 97) {
            const std::string piece(size, static_cast<char>('a' + size % 26));
            appender.append(piece);
            appender.append('|');
            expected += piece + '|';
        }
    }

    EXPECT_EQ(out, expected);
}

TEST(Appender, CountsOnlyWhatWasTakenOfTheRoom) {
    std::string out;
    {
        Appender appender{out};
        appender.append("1");
        std::memcpy(appender.room(Appender::room_bytes_max), "23456", 5);
        appender.took(2);
        appender.append("7");
    }

    EXPECT_EQ(out, "1237");
}

}  // namespace
}  // namespace sequitur
