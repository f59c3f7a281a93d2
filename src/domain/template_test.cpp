#include "domain/template.hpp"

#include <gtest/gtest.h>

namespace sequitur::domain {
namespace {

std::optional<std::string_view> ana(std::string_view name) {
    if (name == "first_name") return "Ana";
    if (name == "company") return "A & B <\"'>";
    if (name == "custom.role") return "{{email}}\r\nBcc: x@y.test";
    if (name == "last_name") return "  ";
    return std::nullopt;
}

std::string rendered(std::string_view source, TemplateContext context = TemplateContext::text) {
    const auto compiled = Template::compile(source, context);
    if (const auto* errors = std::get_if<1>(&compiled))
        return std::to_string(errors->front().line) + ":" + std::to_string(errors->front().column) + " " +
               errors->front().message;
    const auto text = std::get<0>(compiled).render(ana);
    const auto missing = std::get<0>(compiled).missing(ana);
    EXPECT_EQ(missing ? missing->name : "", text.index() == 1 ? std::get<1>(text).name : "");
    if (text.index() == 2) return "too long";
    return text.index() == 0 ? std::get<0>(text) : "missing " + std::get<1>(text).name;
}

TEST(Template, CopiesTextAndPutsValuesIn) {
    EXPECT_EQ(rendered("Hi {{first_name}}, { } {{ firstName }}!"), "Hi Ana, { } Ana!");
    EXPECT_EQ(rendered(""), "");
}

TEST(Template, TakesTheFallbackForAMissingOrBlankValue) {
    EXPECT_EQ(rendered("Hi {{ last_name | default: \"there\" }}"), "Hi there");
    EXPECT_EQ(rendered("Hi {{phone|friend of mine}}"), "Hi friend of mine");
    EXPECT_EQ(rendered("Hi {{first_name|there}}"), "Hi Ana");
    EXPECT_EQ(rendered("Hi{{ phone | default: '' }}"), "Hi");
}

TEST(Template, KeepsTheFallbackOfEachPlace) {
    EXPECT_EQ(rendered("{{phone|a}} {{phone|<b>}} {{first_name|c}} {{first_name}}", TemplateContext::html),
              "a &lt;b&gt; Ana Ana");
    EXPECT_EQ(rendered("{{phone|a}} {{phone}}"), "missing phone");
}

TEST(Template, NamesTheMissingVariable) {
    EXPECT_EQ(rendered("{{first_name}} {{ last_name }}"), "missing last_name");
    EXPECT_EQ(rendered("{{custom.city}}"), "missing custom.city");
}

TEST(Template, NamesTheFirstOfSeveralThatAreMissing) {
    EXPECT_EQ(rendered("{{first_name}} {{first_name}} {{phone}} {{last_name}}"), "missing phone");
    EXPECT_EQ(rendered("{{phone|x}} {{first_name | truncate: 2}} {{last_name}} {{phone}}"), "missing last_name");
    EXPECT_EQ(rendered("{{first_name}} {{first_name | truncate: 1, ''}}{{phone}}"), "missing phone");
}

TEST(Template, EscapesTheSameValueForEachPlaceItStandsAt) {
    EXPECT_EQ(
        rendered("{{company}}<a href=\"x?q={{company}}\">{{company}}</a><i title=\"{{company}}\">{{first_name}}</i>",
                 TemplateContext::html),
        "A &amp; B &lt;&quot;&#39;&gt;<a href=\"x?q=A%20%26%20B%20%3C%22%27%3E\">A &amp; B &lt;&quot;&#39;&gt;</a>"
        "<i title=\"A &amp; B &lt;&quot;&#39;&gt;\">Ana</i>");
}

TEST(Template, EscapesByPlaceAndNeverParsesAValueAgain) {
    EXPECT_EQ(rendered("{{company}}", TemplateContext::html), "A &amp; B &lt;&quot;&#39;&gt;");
    EXPECT_EQ(rendered("{{company}}"), "A & B <\"'>");
    EXPECT_EQ(rendered("{{custom.role}}", TemplateContext::subject), "{{email}}Bcc: x@y.test");
}

TEST(Template, Case89RefusesWithPlaceAndNearestName) {
    EXPECT_EQ(rendered("Hi\n {{ frist_name }}"), "2:2 unknown variable 'frist_name', did you mean 'first_name'?");
    EXPECT_EQ(rendered("{{ custom.a b }}"),
              "1:1 unknown variable 'custom.a b'; a contact's own attributes are custom.<name>");
    EXPECT_EQ(rendered("a {{ first_name"), "1:3 {{ without }}");
    EXPECT_EQ(rendered("{{ first_name | upcase: \"x\" }}"), "1:1 the filter 'upcase' takes nothing after it");
    EXPECT_EQ(rendered("{{ first_name | upcsae }}").substr(0, 51),
              "1:1 unknown filter 'upcsae', did you mean 'upcase'?");
    EXPECT_EQ(rendered("{{ first_name | plural: \"x\" }}").substr(0, 27), "1:1 unknown filter 'plural'");
    EXPECT_EQ(rendered("{{ phone | a | b }}"), "1:1 only one fallback can follow a variable");
    EXPECT_EQ(rendered("{{ phone | default: there }}"), "1:1 the fallback after default: stands in quotes");
    EXPECT_EQ(rendered("{{ phone | default }}"), "1:1 write the fallback as | default: \"there\"");
    EXPECT_EQ(rendered("{{ phone | }}"), "1:1 nothing stands after the |; write a fallback or a filter");
    EXPECT_EQ(rendered("{{}}"), "1:1 a variable's name is missing");
    EXPECT_EQ(rendered(std::string(300'000, 'x')), "1:1 the text is longer than 256 KiB");
}

TEST(Template, ReportsEveryErrorAtOnce) {
    const auto compiled = Template::compile("{{a}} {{b}} {{email}}", TemplateContext::html);
    ASSERT_EQ(compiled.index(), 1U);
    EXPECT_EQ(std::get<1>(compiled).size(), 2U);
}

// The mark at 4 is the border to the variable, the one at 6 stands within it, the ones at 18 are the border after it.
TEST(Template, TellsWhereItsMarksAreInEachRendering) {
    const std::string_view source = "<hi>{{first_name}}</hi>{{phone|-}}";
    const std::vector<std::size_t> marks{0, 4, 6, 18, 18, 19, 23, 34};
    const auto compiled = Template::compile(source, TemplateContext::html, marks);
    ASSERT_EQ(compiled.index(), 0U);
    std::vector<PlacedMark> placed;
    EXPECT_EQ(std::get<0>(std::get<0>(compiled).render(ana, 0, &placed)), "<hi>Ana</hi>-");
    EXPECT_EQ(placed, (std::vector<PlacedMark>{{0, 0}, {1, 4}, {2, 4}, {3, 7}, {4, 7}, {5, 8}, {6, 12}, {7, 13}}));
}

}  // namespace
}  // namespace sequitur::domain
