#include "mail/link_places.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "mail/html_nesting.hpp"

namespace sequitur::mail {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The values at the places, then what stands at the pixel's.
std::vector<std::string> found_in(std::string_view html) {
    const auto places = find_link_places(html);
    std::vector<std::string> values;
    for (std::size_t i = 0; i < places.links; ++i)
        values.emplace_back(html.substr(places.marks[2 * i], places.marks[2 * i + 1] - places.marks[2 * i]));
    return values;
}

TEST(LinkPlaces, AreTheHrefsOfLinksAndAreasInTheirOrder) {
    EXPECT_THAT(found_in(R"(<p><a href="https://a.test">A</a> <map><area href="https://b.test"></map>)"
                         R"(<link href="https://c.test"><img src="https://d.test"><form action="https://e.test">)"),
                ElementsAre("https://a.test", "https://b.test"));
}

TEST(LinkPlaces, Case78StandInEveryWayToWriteAnAttribute) {
    EXPECT_THAT(
        found_in("<a href=https://a.test/x>1</a><A HREF='https://b.test'>2</A><a\n href = \"https://c.test\" >3</a>"
                 "<a title=\">\" href=\" https://d.test \">4</a><a class=x href=https://e.test/>5</a>"),
        ElementsAre("https://a.test/x", "https://b.test", "https://c.test", " https://d.test ", "https://e.test/"));
}

TEST(LinkPlaces, Case77AreNotInWhatIsNoLink) {
    EXPECT_THAT(
        found_in(R"(<!-- <a href="https://a.test">A</a> --><style>a{content:'<a href="https://b.test">'}</style>)"
                 R"(<textarea><a href="https://c.test"></textarea><script>"<a href='https://d.test'>"</script>)"
                 R"(<!--[if mso]><a href="https://e.test">E</a><![endif]--><title><a href="https://f.test"></title>)"
                 R"(<a href="https://g.test" data-no-track>G</a><a data-no-track="" href="https://h.test">H</a>)"
                 R"(<a href="">I</a><a name="x">J</a><p href="https://k.test">)"),
        IsEmpty());
}

TEST(LinkPlaces, AreSeenBehindTheConditionalsOfOutlook) {
    EXPECT_THAT(found_in(R"(<!--[if mso]><td><![endif]--><![if !mso]><a href="https://a.test">A</a><![endif]>)"),
                ElementsAre("https://a.test"));
}

TEST(LinkPlaces, AreNotWhereTheTextIsAnAddressItself) {
    EXPECT_THAT(
        found_in(R"(<a href="https://a.test/x">https://a.test/x</a><a href="https://b.test"> www.b.test</a>)"
                 R"(<a href="https://c.test"><b>http://c.test</b></a><a href="https://d.test">see www.d.test</a>)"),
        ElementsAre("https://d.test"));
}

TEST(LinkPlaces, HaveTheirVariablesInThem) {
    EXPECT_THAT(found_in(R"(<a href="{{ custom.link }}">A</a><a href="https://b.test/?c={{company|x}}&amp;d">B</a>)"
                         R"({% if company %}<a href='https://c.test'>C</a>{% endif %})"),
                ElementsAre("{{ custom.link }}", "https://b.test/?c={{company|x}}&amp;d", "https://c.test"));
}

// Formatting rules repeat the link in the tree, with the same place.
TEST(LinkPlaces, AreEachOnce) {
    EXPECT_THAT(found_in(R"(<p><a href="https://a.test">A<div>B</div></p><p>C)"), ElementsAre("https://a.test"));
}

TEST(LinkPlaces, ThePixelComesBeforeTheEndOfTheBody) {
    const std::string_view html = "<html><body><p>Hi</p></BODY ></html><!-- </body> -->";
    const auto places = find_link_places(html);
    ASSERT_TRUE(places.has_pixel_place);
    EXPECT_EQ(places.marks.back(), html.find("</BODY"));
    EXPECT_FALSE(find_link_places("<p>Hi</p>").has_pixel_place);
    EXPECT_FALSE(find_link_places("<body><p>Hi</p><!-- </body> -->").has_pixel_place);
}

TEST(LinkPlaces, Case78HostileNestingCostsLittle) {
    const auto repeated = [](std::string_view text, std::size_t bytes) {
        std::string all;
        while (all.size() < bytes) all += text;
        return all;
    };
    const std::string link = R"(<a href="https://a.test">A</a>)";
    for (const auto* text : {"<div>", "<b>", "<font a=1>", "<table><tr><td>", "<a href=x>", "<p><b>", "<div></x>",
                             "<div><style></div></style>", "<svg><title><div>", "<select><style></select><div>",
                             "<a x=y", "<i", "<!--", "</", "<script><!--<script></script><div>"}) {
        for (const auto bytes : {std::size_t{1'000'000}, tracked_html_bytes_max - 100}) {
            const auto html = link + repeated(text, bytes);
            const auto start = std::chrono::steady_clock::now();
            find_link_places(html);
            EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds{1'000}) << text << bytes;
        }
    }
    const auto html = repeated("<div>", 1'000'000);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(is_nested_within_reason(html));
    find_link_places(html);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds{100});
}

TEST(HtmlNesting, AGreatNewsletterIsWithinReason) {
    std::string html = "<html><body><table><tr><td>";
    for (int i = 0; i < 800; ++i)
        html += "<table><tbody><tr><td class=\"x\"><p>Text<br><a href=\"https://a.test\"><img "
                "src=x></a><ul><li>a<li>b</ul>";
    EXPECT_FALSE(is_nested_within_reason(html)) << "none of it is closed";
    html = "<html><body><table><tr><td>";
    for (int i = 0; i < 800; ++i)
        html +=
            "<table><tbody><tr><td class=\"x\"><p>Text<br><a href=\"https://a.test\"><img src=x></a><ul><li>a<li>b</ul>"
            "<p>unclosed</td></tr></tbody></table>";
    EXPECT_TRUE(is_nested_within_reason(html));
    EXPECT_EQ(find_link_places(html).links, 800u);
}

TEST(HtmlNesting, ManyAttributesAreBeyondReason) {
    std::string html = "<p";
    for (int i = 0; i < 600; ++i) html += " a" + std::to_string(i);
    EXPECT_FALSE(is_nested_within_reason(html + ">"));
    EXPECT_TRUE(is_nested_within_reason("<p style=\"" + html + "\">"));
}

}  // namespace
}  // namespace sequitur::mail
