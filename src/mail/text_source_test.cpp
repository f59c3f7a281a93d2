#include "mail/text_source.hpp"

#include <gtest/gtest.h>

#include <map>

#include "domain/template.hpp"
#include "mail/html_to_text.hpp"

namespace sequitur::mail {
namespace {

using domain::Template;
using domain::TemplateContext;

std::string filled(std::string_view source, TemplateContext context) {
    const std::map<std::string, std::string, std::less<>> values{
        {"first_name", "Zoë <b> & \"Co\""}, {"company", "{{last_name}} =\"x"}, {"custom.path", "a/b?c=1&d"}};
    const auto compiled = Template::compile(source, context);
    return std::get<std::string>(std::get<Template>(compiled).render([&](std::string_view name) {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional<std::string_view>{found->second};
    }));
}

TEST(TextSource, FilledInIsWhatTheFilledInHtmlSays) {
    for (const std::string_view html : {
             "<p>Hello {{first_name}},</p>\n<p>how is {{ company | default: \"your  firm\" }}?</p>",
             "<p>{{phone|there}}<br>{{first_name}}{{company}}</p>",
             "<ul><li>{{first_name}}</li><li>&amp; {{company}}</li></ul><img alt=\"from {{company}}\">",
             "<a href=\"https://x.test/?to={{custom.path}}\">see {{first_name}}</a> or <a "
             "href='https://x.test/'>here</a>",
             "<style>p{color:{{phone|red}}}</style><title>{{first_name}}</title>Text",
             "no tags, {{first_name}}",
             "",
         }) {
        const auto text = text_source(html);
        ASSERT_TRUE(text) << html;
        EXPECT_EQ(filled(*text, TemplateContext::text), html_to_text(filled(html, TemplateContext::html))) << html;
    }
}

TEST(TextSource, IsLeftToTheFilledInHtmlWhereThatAloneCanTell) {
    for (const std::string_view html : {
             "<a href=\"{{custom.path}}\">x</a>",  // a link only if the value is one
             "<a href = {{custom.path}}>x</a>",
             "<a href=\"https://x.test/{{custom.path}}\">x</a>",  // encoded in another way than a query
             "<p>{a|b}</p>{% if company %}<p>c</p>{% endif %}",
             "<p>{a|b}</p>",
             "\\{{first_name}}",
             "{% raw %}x{% endraw %}{{",
             "\\<b></b>{{first_name}}",  // would be escaped
             "&#123;{first_name}}",                // would be read as a variable
             "a \x01 b",
         })
        EXPECT_FALSE(text_source(html)) << html;
}

}  // namespace
}  // namespace sequitur::mail
