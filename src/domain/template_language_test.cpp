// Filters, conditions, spintax, raw blocks, escaping by place, limits and marks of the template language.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "domain/template.hpp"

namespace sequitur::domain {
namespace {

using Fields = std::map<std::string, std::string, std::less<>>;

Template::Values values_of(const Fields& fields) {
    return [&fields](std::string_view name) {
        const auto found = fields.find(name);
        return found == fields.end() ? std::nullopt : std::optional<std::string_view>{found->second};
    };
}

/// What comes out, or "line:column message" of the first error, or "missing name".
std::string made(std::string_view source, const Fields& fields, TemplateContext context = TemplateContext::text,
                 std::uint64_t seed = 0) {
    const auto compiled = Template::compile(source, context);
    if (const auto* errors = std::get_if<1>(&compiled)) {
        const auto& first = errors->front();
        return std::to_string(first.line) + ":" + std::to_string(first.column) + " " + first.message;
    }
    const auto values = values_of(fields);
    const auto text = std::get<0>(compiled).render(values, seed);
    const auto missing = std::get<0>(compiled).missing(values, seed);
    EXPECT_EQ(missing.has_value(), text.index() == 1) << source;
    if (text.index() == 2) return "too long";
    return text.index() == 0 ? std::get<0>(text) : "missing " + std::get<1>(text).name;
}

std::string html(std::string_view source, const Fields& fields) { return made(source, fields, TemplateContext::html); }

std::set<std::string> all_of(std::string_view source, const Fields& fields) {
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 200; ++seed) seen.insert(made(source, fields, TemplateContext::text, seed));
    return seen;
}

const Fields ana{{"first_name", "Ana"}, {"company", "Acme"}, {"custom.role", "CTO"}, {"custom.vip", "false"}};

TEST(TemplateLanguage, Case86EscapesForHtmlAndNotForText) {
    EXPECT_EQ(html("{{first_name}}", {{"first_name", "<b>&"}}), "&lt;b&gt;&amp;");
    EXPECT_EQ(made("{{first_name}}", {{"first_name", "<b>&"}}), "<b>&");
}

TEST(TemplateLanguage, Case87NeverParsesAValueAgain) {
    const Fields fields{{"first_name", "{{company}}{% if %}"}, {"last_name", "{x|y}"}, {"company", "Acme"}};
    EXPECT_EQ(made("{{first_name}} {{last_name}}", fields), "{{company}}{% if %} {x|y}");
    EXPECT_EQ(html("{a|a} {{last_name}}", fields), "a {x|y}");
}

TEST(TemplateLanguage, Case88TakesTheFallbackForNothingForEmptyAndForBlank) {
    for (const auto& fields : {Fields{}, Fields{{"first_name", ""}}, Fields{{"first_name", "  "}}})
        EXPECT_EQ(made("{{ first_name | default: \"there\" }}", fields), "there");
}

TEST(TemplateLanguage, Case92EncodesForTheQueryOfAUrl) {
    const Fields fields{{"company", "A&B/ü"}, {"custom.url", "https://x.test/?a=1&b=\"2 3"}};
    EXPECT_EQ(html("<a href=\"https://e.test/?c={{company}}\">{{company}}</a>", fields),
              "<a href=\"https://e.test/?c=A%26B%2F%C3%BC\">A&amp;B/ü</a>");
    EXPECT_EQ(html("<a href='https://e.test/{{company}}#{{company}}'>", fields),
              "<a href='https://e.test/A%26B/%C3%BC#A%26B%2F%C3%BC'>");
    EXPECT_EQ(html("<a HREF = {{custom.url}}>", fields), "<a HREF = https://x.test/?a=1&amp;b=%222%203>");
    EXPECT_EQ(html("<a href=\"{{custom.url}}?c={{company}}\" title=\"?{{company}}\">", fields),
              "<a href=\"https://x.test/?a=1&amp;b=%222%203?c=A%26B%2F%C3%BC\" title=\"?A&amp;B/ü\">");
    EXPECT_EQ(html("<a href=\"https://e.test/?c={{company | url_encode}}\">", fields),
              "<a href=\"https://e.test/?c=A%26B%2F%C3%BC\">");
}

TEST(TemplateLanguage, Case93RemovesControlCharactersFromASubject) {
    EXPECT_EQ(made("Hi {{first_name}}", {{"first_name", "A\r\nBcc: x\t\x7F\u0085na"}}, TemplateContext::subject),
              "Hi ABcc: xna");
}

TEST(TemplateLanguage, EscapesWhatWouldEndAnUnquotedAttribute) {
    EXPECT_EQ(html("<p title={{first_name}}>", {{"first_name", "a onclick=`x`>"}}),
              "<p title=a&#32;onclick&#61;&#96;x&#96;&gt;>");
    EXPECT_EQ(html("<p {{first_name}}>", {{"first_name", "a=b"}}), "<p a&#61;b>");
    EXPECT_EQ(html("5 <{{first_name}}", ana),
              "1:4 a variable can not be the name of an HTML tag; a sign < is written &lt;");
}

TEST(TemplateLanguage, FiltersInTheOrderTheyStandIn) {
    const Fields fields{{"first_name", " aNA müller "}, {"company", "Ärzte & Söhne"}};
    EXPECT_EQ(made("{{ first_name | strip | capitalize }}", fields), "Ana müller");
    EXPECT_EQ(made("{{ first_name | strip | upcase }}", fields), "ANA MÜLLER");
    EXPECT_EQ(made("{{ company | downcase }}", fields), "ärzte & söhne");
    EXPECT_EQ(made("{{ company | truncate: 8 }}", fields), "Ärzte...");
    EXPECT_EQ(made("{{ company | truncate: 8, '…' }}", fields), "Ärzte &…");
    EXPECT_EQ(made("{{ company | truncate: 50 }}", fields), "Ärzte & Söhne");
    EXPECT_EQ(made("{{ company | url_encode }}", fields), "%C3%84rzte%20%26%20S%C3%B6hne");
    EXPECT_EQ(made("{{ phone | default: \"there\" | upcase }}", fields), "THERE");
    EXPECT_EQ(made("{{ phone | upcase | default: \"there\" }}", fields), "there");
    EXPECT_EQ(made("{{ phone | upcase }}", fields), "missing phone");
    EXPECT_EQ(html("{{ company | upcase }}", fields), "ÄRZTE &amp; SÖHNE");
    EXPECT_EQ(made("{{ first_name | truncate: 1, '' }}", fields), "missing first_name");
    EXPECT_EQ(made("{{ phone | default: \"a | }} b\" }}", fields), "a | }} b");
    EXPECT_EQ(made("{{phone|y'all}}", fields), "y'all");
}

TEST(TemplateLanguage, MapsCaseOfTheAlphabetsOfEurope) {
    EXPECT_EQ(made("{{ company | upcase }}", {{"company", "ÿżółw жук ёлка σίγμας ß \xFF"}}),
              "ŸŻÓŁW ЖУК ЁЛКА ΣίΓΜΑΣ ß \xFF");
    EXPECT_EQ(made("{{ company | downcase }}", {{"company", "ŸŻÓŁW ЖУК ЁЛКА ΣΑΣ"}}), "ÿżółw жук ёлка σασ");
}

TEST(TemplateLanguage, TakesTheBranchWhoseConditionHolds) {
    const std::string source = "{% if custom.role == \"CEO\" %}a{% elsif company %}b{% else %}c{% endif %}";
    EXPECT_EQ(made(source, ana), "b");
    EXPECT_EQ(made(source, {{"custom.role", "CEO"}}), "a");
    EXPECT_EQ(made(source, {{"company", " "}}), "c");
    EXPECT_EQ(made("{% unless company %}a{% else %}b{% endunless %}", ana), "b");
    EXPECT_EQ(made("{%if phone%}a{%endif%}b", ana), "b");
    EXPECT_EQ(made("{% if custom.vip %}a{% endif %}b", ana), "b");
}

TEST(TemplateLanguage, ComparesAndCombines) {
    const auto is = [](std::string_view condition) {
        return made("{% if " + std::string{condition} + " %}yes{% else %}no{% endif %}", ana);
    };
    EXPECT_EQ(is("company == 'Acme'"), "yes");
    EXPECT_EQ(is("company != 'Acme'"), "no");
    EXPECT_EQ(is("phone != 'x'"), "yes");
    EXPECT_EQ(is("phone == ''"), "yes");
    EXPECT_EQ(is("company contains \"cm\""), "yes");
    EXPECT_EQ(is("phone contains ''"), "no");
    EXPECT_EQ(is("firstName == first_name"), "yes");
    EXPECT_EQ(is("phone or company and first_name"), "yes");
    EXPECT_EQ(is("company or phone and phone"), "yes");  // `and` binds stronger
    EXPECT_EQ(is("phone and company or phone"), "no");
    EXPECT_EQ(is("company=='Acme' and custom.role!='x'"), "yes");
    EXPECT_EQ(is("company == 'and' or first_name == 'Ana'"), "yes");
}

TEST(TemplateLanguage, RequiresOnlyWhatTheBranchTakenRenders) {
    EXPECT_EQ(made("{% if phone %}{{phone}}{% endif %}ok", ana), "ok");
    EXPECT_EQ(made("{% if company %}{{phone}}{% endif %}ok", ana), "missing phone");
}

TEST(TemplateLanguage, Case91ChoosesOneAlternativeAndStaysWithIt) {
    const std::string source = "{Hi|Hello} {{first_name}}";
    EXPECT_EQ(all_of(source, ana), (std::set<std::string>{"Hi Ana", "Hello Ana"}));
    EXPECT_EQ(made(source, ana, TemplateContext::text, 7), made(source, ana, TemplateContext::text, 7));
    EXPECT_EQ(html("<style>body{color:red}p{a|b}</style>{x}", ana), "<style>body{color:red}p{a|b}</style>{x}");
    EXPECT_EQ(html("<script>{a|b}</script>{c|c}", ana), "<script>{a|b}</script>c");
}

TEST(TemplateLanguage, ChoosesTheSameInEveryVersion) {  // a retry may run on a newer one
    const std::string source = "{0|1|2|3|4|5|6|7|8|9}{0|1|2|3|4|5|6|7|8|9}{0|1|2|3|4|5|6|7|8|9}";
    EXPECT_EQ(made(source, {}, TemplateContext::text, 1), "510");
    EXPECT_EQ(made(source, {}, TemplateContext::subject, 1), "550");
    EXPECT_EQ(made(source, {}, TemplateContext::text, 0x0193a1b2c3d47e5f), "384");
}

TEST(TemplateLanguage, NestsAlternativesWithVariablesAndConditions) {
    EXPECT_EQ(all_of("{a|{b|{{first_name}}}|{% if phone %}x|y{% else %}z|{c|d}{% endif %}}", ana),
              (std::set<std::string>{"a", "b", "Ana", "z|c", "z|d"}));
    EXPECT_EQ(all_of("{|x}", ana), (std::set<std::string>{"", "x"}));
    EXPECT_EQ(all_of("{a|b\\|c\\}}", ana), (std::set<std::string>{"a", "b|c}"}));
}

TEST(TemplateLanguage, LeavesOtherBracesAlone) {
    for (const std::string_view text : {"{ }", "{a}", "a|b", "{a|b", "a|b}", "\\n C:\\x", "}{"})
        EXPECT_EQ(made(text, ana), text);
    EXPECT_EQ(made("\\{a|b} \\{{first_name}} \\{% if %}", ana), "{a|b} {{first_name}} {% if %}");
    EXPECT_EQ(made("{% raw %}{{x}} {a|b} {% if %}{% endraw %}{{first_name}}", ana), "{{x}} {a|b} {% if %}Ana");
}

TEST(TemplateLanguage, NamesWhatIsWrongWithATag) {
    EXPECT_EQ(made("{% if company %}", ana), "1:1 {% if %} ends with {% endif %}");
    EXPECT_EQ(made("a\n{% endif %}", ana), "2:1 {% endif %} without {% if %}");
    EXPECT_EQ(made("{% if company %}{% else %}{% else %}{% endif %}", ana), "1:27 {% if %} ends with {% endif %}");
    EXPECT_EQ(made("{% for x %}", ana),
              "1:1 unknown tag 'for'; there are if, elsif, else, endif, unless, endunless, raw");
    EXPECT_EQ(made("{% if compnay %}{% endif %}", ana), "1:1 unknown variable 'compnay', did you mean 'company'?");
    EXPECT_EQ(made("{% if company > 3 %}{% endif %}", ana),
              "1:1 '>' can not stand in a condition; there are ==, !=, contains, and, or");
    EXPECT_EQ(made("{% if company == %}{% endif %}", ana), "1:1 the condition ends too early");
    EXPECT_EQ(made("{% if 'x' == company %}{% endif %}", ana), "1:1 a condition begins with a variable");
    EXPECT_EQ(made("{% if company phone %}{% endif %}", ana),
              "1:1 'phone' can not stand in a condition; there are ==, !=, contains, and, or");
    EXPECT_EQ(made("{% if company == 'x' phone %}{% endif %}", ana), "1:1 between two comparisons stands and, or");
    EXPECT_EQ(made("{% raw %}", ana), "1:1 {% raw %} without {% endraw %}");
    EXPECT_EQ(made("{% if company", ana), "1:1 {% without %}");
}

TEST(TemplateLanguage, WantsAlternativesToEndInTheSamePlace) {
    EXPECT_EQ(html("{% if company %}<p title=\"{% endif %}{{company}}\">", ana).substr(0, 50),
              "1:1 the alternatives must end in the same place of");
    EXPECT_EQ(html("{<a href=\"|<b>}", ana).substr(0, 30), "1:1 the alternatives must end ");
    EXPECT_EQ(html("<a href=\"https://x.test/{% if company %}?q=1{% endif %}&r={{company}}\">", {{"company", "/"}}),
              "<a href=\"https://x.test/?q=1&r=%2F\">");
}

TEST(TemplateLanguage, KeepsItsLimits) {
    const auto nested = [](std::size_t levels) {
        std::string source;
        for (std::size_t i = 0; i < levels; ++i) source += "{% if company %}{a|";
        for (std::size_t i = 0; i < levels; ++i) source += "a}{% endif %}";
        return source;
    };
    EXPECT_EQ(made(nested(8), ana).find(':'), std::string::npos);
    EXPECT_EQ(made(nested(9), ana), "1:153 nested deeper than 16 levels");
    EXPECT_EQ(made(nested(5'000), ana), "1:153 nested deeper than 16 levels");
    std::string many;
    for (int i = 0; i < 2'000; ++i) many += "{{company}}";
    EXPECT_EQ(made(many, {{"company", std::string(1'000, 'x')}}), "too long");
    std::string wrong;
    for (int i = 0; i < 2'000; ++i) wrong += "{{x}}";
    EXPECT_EQ(std::get<1>(Template::compile(wrong, TemplateContext::html)).size(), template_errors_max);
}

TEST(TemplateLanguage, ShowsWhatIsMissingInAPreview) {
    const auto compiled = Template::compile("{{first_name}} {{phone}} {{phone}} {{phone|x}}", TemplateContext::text);
    const auto preview = std::get<0>(std::get<0>(compiled).preview(values_of(ana)));
    EXPECT_EQ(preview.text, "Ana {{phone}} {{phone}} x");
    EXPECT_EQ(preview.missing, std::vector<std::string>{"phone"});
}

TEST(TemplateLanguage, TellsNoMarkOfABranchThatIsNotTaken) {
    //                             0         1         2         3         4         5
    //                             012345678901234567890123456789012345678901234567890123
    const std::string_view source = "a{% if company %}bc{% else %}de{% endif %}{f|\\{g}h";
    const std::vector<std::size_t> marks{1, 17, 18, 19, 29, 30, 31, 42, 43, 44, 45, 46, 48, 49, 50};
    const auto compiled = std::get<0>(Template::compile(source, TemplateContext::text, marks));
    const auto placed = [&](const Fields& fields, std::string_view expected) {
        std::vector<std::string> seen;
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
            std::vector<PlacedMark> found;
            const auto text = std::get<0>(compiled.render(values_of(fields), seed, &found));
            if (text != expected) continue;
            std::string all;
            for (const auto& mark : found)
                all += std::to_string(marks[mark.mark]) + "@" + std::to_string(mark.offset) + " ";
            return all;
        }
        return std::string{"never"};
    };
    EXPECT_EQ(placed(ana, "abcfh"), "1@1 17@1 18@2 19@3 42@3 43@3 44@4 49@4 50@5 ");
    EXPECT_EQ(placed({}, "ade{gh"), "1@1 29@1 30@2 31@3 42@3 45@3 46@3 48@5 49@5 50@6 ");
}

}  // namespace
}  // namespace sequitur::domain
