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

TEST(Letter, PreviewsWhatWouldBeSentWithTheGapsNamed) {
    const auto step = std::get<0>(LetterTemplate::compile("{Hi|Hello} {{first_name}}, {{phone}}",
                                                          "{a|b|c|d}{{company}}{% if last_name %}{{step}}{% endif %}",
                                                          "{{company}}"));
    auto fields = ana();
    const auto preview = std::get<0>(step.preview(fields, ""));
    EXPECT_EQ(preview.missing, (std::vector<std::string>{"phone", "company"}));
    EXPECT_EQ(preview.variables, (std::vector<std::string>{"first_name", "phone", "company", "last_name", "step"}));
    EXPECT_EQ(preview.letter.text, "{{company}}");

    fields.phone = "1";
    fields.company = "Acme";
    const auto letter = std::get<0>(step.write(fields, ""));
    const auto whole = std::get<0>(step.preview(fields, ""));
    EXPECT_EQ(whole.letter.subject, letter.subject);
    EXPECT_EQ(whole.letter.html, letter.html);
    EXPECT_TRUE(whole.missing.empty());
}

TEST(Letter, Case91ChoosesByTheMail) {
    const auto step = std::get<0>(LetterTemplate::compile("{Hi|Hello} {{first_name}}", "x", {}));
    std::map<std::string, int> seen;
    for (int n = 0; n < 200; ++n) {
        auto fields = ana();
        fields.id = EmailId::make(TimePoint{std::chrono::hours{n}});
        const auto subject = std::get<0>(step.write(fields, "")).subject;
        EXPECT_EQ(subject, std::get<0>(step.write(fields, "")).subject);
        ++seen[subject];
    }
    EXPECT_GT(seen["Hi Ana"], 60);
    EXPECT_GT(seen["Hello Ana"], 60);
}

TEST(Letter, KnowsTheDayOfTheMailbox) {
    const TimePoint at{std::chrono::sys_days{std::chrono::year{2025} / 11 / 24} + std::chrono::hours{23}};
    EXPECT_EQ(day_text(at, 0), "2025-11-24");
    EXPECT_EQ(day_text(at, 60), "2025-11-25");
    EXPECT_EQ(day_text(at, -1'440), "2025-11-23");
}

TEST(Letter, NeedsNoValueThatIsOnlyAskedFor) {
    const auto step =
        std::get<0>(LetterTemplate::compile("x", "{% if unsubscribe_url %}{{unsubscribe_url}}{% endif %}", {}));
    EXPECT_FALSE(step.missing(ana()));
    EXPECT_EQ(std::get<0>(LetterTemplate::compile("x", "{{unsubscribeUrl}}", {})).missing(ana())->name,
              "unsubscribe_url");
}

}  // namespace
}  // namespace sequitur::domain
