#include "domain/letter.hpp"

#include <gtest/gtest.h>

namespace sequitur::domain {
namespace {

LetterFields ana() {
    LetterFields fields;
    fields.email = "ana@x.test";
    fields.first_name = "Ana";
    return fields;
}

TEST(Letter, TellsWhereTheMarksAreInItsHtml) {
    const std::vector<std::size_t> marks{3, 17};
    const auto step = LetterTemplate::compile("{{first_name}}", "Hi {{first_name}}", "{{first_name}}", marks);
    ASSERT_EQ(step.index(), 0U);
    const auto letter = std::get<0>(step).write(ana(), "");
    ASSERT_EQ(letter.index(), 0U);
    EXPECT_EQ(std::get<0>(letter).html, "Hi Ana");
    EXPECT_EQ(std::get<0>(letter).marks, (std::vector<PlacedMark>{{0, 3}, {1, 6}}));
}

}  // namespace
}  // namespace sequitur::domain
