#include "domain/footer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sequitur::domain {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view url = "https://go.acme.test/x/u/AQEtoken-_1";
const Footer acme{.organisation = "Acme & Co", .postal_address = "1 Main Street; Springfield\nUSA"};

Letter letter(std::string html, std::optional<std::string> text = std::nullopt) {
    Letter made;
    made.html = std::move(html);
    made.text = std::move(text);
    return made;
}

TEST(Footer, StandsBeforeTheEndOfTheBody) {
    auto mail = letter("<html><body><p>Hi</p></BODY ></html>");

    add_footer(mail, acme, url);

    EXPECT_THAT(mail.html, HasSubstr("<p>Hi</p><div style="));
    EXPECT_THAT(mail.html, HasSubstr("\">Acme &amp; Co<br>1 Main Street<br>Springfield<br>USA<br><a href=\"" +
                                     std::string{url} + "\" style=\"color:#666666\">Unsubscribe</a></div></BODY >"));
}

TEST(Footer, StandsAtTheEndWhereThereIsNoBody) {
    auto mail = letter("<p>Hi</p>", "Hi\n\n");

    add_footer(mail, acme, url);

    EXPECT_THAT(mail.html, EndsWith("Unsubscribe</a></div>"));
    EXPECT_EQ(mail.text,
              "Hi\n\n--\nAcme & Co\n1 Main Street\nSpringfield\nUSA\nUnsubscribe: " + std::string{url} + "\n");
}

TEST(Footer, IsLeftOutOfThePartThatShowsTheLink) {
    const auto own = "<p><a href=\"" + std::string{url} + "\">No more</a></p>";
    auto mail = letter(own, "Hi");

    add_footer(mail, acme, url);

    EXPECT_EQ(mail.html, own);
    EXPECT_THAT(*mail.text, HasSubstr("Unsubscribe: "));
}

TEST(Footer, NamesTheSenderWhereThereIsNoLink) {
    auto mail = letter("<p>Hi</p>", "Hi");
    add_footer(mail, {}, "");
    EXPECT_EQ(mail.html, "<p>Hi</p>");
    EXPECT_EQ(mail.text, "Hi");

    add_footer(mail, acme, "");
    EXPECT_THAT(mail.html, HasSubstr("Acme &amp; Co"));
    EXPECT_THAT(mail.html, Not(HasSubstr("nsubscribe")));
    EXPECT_THAT(*mail.text, Not(HasSubstr("nsubscribe")));
}

TEST(Footer, LeavesTheDerivedTextToTheHtml) {
    auto mail = letter("<p>Hi</p>");
    add_footer(mail, {}, url);
    EXPECT_EQ(mail.text, std::nullopt);
}

TEST(Footer, TrustsATemplateThatDoesNotNameTheLink) {
    const auto named = Template::compile("{% if company %}{{unsubscribe_url}}{% endif %}", TemplateContext::html);
    const auto not_named = Template::compile("{{first_name|there}}", TemplateContext::html);
    EXPECT_TRUE(std::get<0>(named).names("unsubscribe_url"));
    EXPECT_FALSE(std::get<0>(not_named).names("unsubscribe_url"));
    auto mail = letter("<p>" + std::string{url} + "</p>");
    mail.names_way_out = false;

    add_footer(mail, {}, url);

    EXPECT_THAT(mail.html, EndsWith("Unsubscribe</a></div>"));
}

TEST(Footer, LooksForTheEndOfTheBodyOnlyInALetterWhoseTemplateHasOne) {
    const auto written = [](std::string_view content) {
        const auto step = std::get<0>(LetterTemplate::compile("Hi", content, std::nullopt));
        auto made = std::get<Letter>(step.write({}, ""));
        add_footer(made, {}, url);
        return made.html;
    };

    EXPECT_THAT(written("<BODY><p>Hi</p></BODY>"), EndsWith("Unsubscribe</a></div></BODY>"));
    EXPECT_THAT(written("<p>Hi</p>"), EndsWith("Unsubscribe</a></div>"));
}

}  // namespace
}  // namespace sequitur::domain
