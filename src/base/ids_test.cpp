#include "base/ids.hpp"

#include <gtest/gtest.h>

namespace sequitur {
namespace {

constexpr std::string_view text = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

TEST(Uuid, IsReadAsItIsWritten) {
    const auto id = Uuid::parse(text);

    ASSERT_TRUE(id);
    EXPECT_EQ(id->text(), text);
    EXPECT_EQ(Uuid::parse("0193A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B"), id);
}

TEST(Uuid, IsNotReadWhereAnyCharacterIsAnother) {
    for (std::size_t at = 0; at < text.size(); ++at)
        for (const char wrong : {'g', '-', '/', ':', '@', 'G', '`', '\0', '\xff'}) {
            std::string other{text};
            if (other[at] == wrong) continue;
            other[at] = wrong;
            EXPECT_FALSE(Uuid::parse(other)) << other;
        }
    EXPECT_FALSE(Uuid::parse(text.substr(1)));
    EXPECT_FALSE(Uuid::parse(std::string{text} + "0"));
}

}  // namespace
}  // namespace sequitur
