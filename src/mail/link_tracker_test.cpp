#include "mail/link_tracker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mail/link_tokens.hpp"
#include "support/manual_clock.hpp"

namespace sequitur::mail {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const EmailId email = *EmailId::parse("01890a5d-ac96-774b-bcce-b302099a8057");
constexpr std::string_view base = "https://go.corp.test";

class LinkTrackerTest : public ::testing::Test {
protected:
    std::string tracked(std::string_view html, bool opens = false, bool clicks = true) {
        const auto places = tracker.find(html);
        std::vector<domain::PlacedMark> marks;
        for (std::size_t i = 0; i < places.marks.size(); ++i) marks.push_back({i, places.marks[i]});
        return tracker.track(html, places, marks, {.email = email, .opens = opens, .clicks = clicks, .base = base});
    }
    std::string link(std::string url, int index = 0) {
        return std::string{base} + "/t/c/" +
               tokens.sign(
                   {.purpose = domain::LinkPurpose::click, .email = email, .index = index, .url = std::move(url)});
    }
    std::string pixel() {
        return "<img src=\"" + std::string{base} + "/t/o/" +
               tokens.sign({.purpose = domain::LinkPurpose::open, .email = email, .index = 0, .url = {}}) +
               "\" width=\"1\" height=\"1\" alt=\"\">";
    }
    void expect_unchanged(const std::string& html) { EXPECT_EQ(tracked(html), html); }

    test::ManualClock clock;
    SignedLinkTokens tokens{clock, {{.id = 1, .key = Secret{std::string(32, 'k')}, .signs_from = {}}}};
    SplicingLinkTracker tracker{tokens, {"bank.test"}};
};

TEST_F(LinkTrackerTest, Case76ALinkIsRewrittenAndNoOtherByte) {
    const std::string before = "<!DOCTYPE html>\r\n<p CLASS=a  >&nbsp;x\xC3\xBC</p><![if !mso]>\t<A\nid=1 HREF=\"";
    const std::string after = "\"  target=_blank>\x01 {x} </A></p></div><br/ >";
    EXPECT_EQ(tracked(before + "https://e.test/a?x=1&amp;y=2" + after),
              before + link("https://e.test/a?x=1&y=2") + after);
}

TEST_F(LinkTrackerTest, Case77WhatIsNoWebAddressIsLeftAlone) {
    for (const auto* href :
         {"mailto:a@b.test", "tel:1", "sms:1", "#a", "/a", "a.html", "//a.test", "javascript:x()", "data:text/html,x",
          "cid:1", "", " ", "ftp://a.test", "https://u@a.test/", "&#x6a;avascript:x"})
        expect_unchanged("<a href=\"" + std::string{href} + "\">x</a>");
    expect_unchanged("<a href=\"https://e.test/\" data-no-track>x</a>");
    expect_unchanged("<!-- <a href=\"https://e.test/\">x</a> --><style>a[href=\"https://e.test\"]{}</style>");
}

TEST_F(LinkTrackerTest, Case78EveryWayToWriteItIsRewrittenInItsOwnQuotes) {
    EXPECT_EQ(
        tracked("<a href=https://a.test>1</a><A HREF='https://b.test'>2</A><a href = \" https://c.test\n\">3</a>"),
        "<a href=" + link("https://a.test", 0) + ">1</a><A HREF='" + link("https://b.test", 1) + "'>2</A><a href = \"" +
            link("https://c.test", 2) + "\">3</a>");
}

TEST_F(LinkTrackerTest, AnIndexIsThePlaceInTheSourceWhateverIsLeftAlone) {
    EXPECT_EQ(tracked("<a href=#>0</a><a href=https://b.test>1</a>"),
              "<a href=#>0</a><a href=" + link("https://b.test", 1) + ">1</a>");
}

TEST_F(LinkTrackerTest, OurOwnHostAndTheSkippedOnesAreLeftAlone) {
    expect_unchanged("<a href=\"https://GO.corp.test/u/abc\">x</a>");
    expect_unchanged("<a href=\"https://bank.test/\">x</a>");
    expect_unchanged("<a href=\"https://login.Bank.test:443/\">x</a>");
    EXPECT_THAT(tracked("<a href=\"https://notbank.test/\">x</a>"), HasSubstr("/t/c/"));
}

TEST_F(LinkTrackerTest, ATargetAboveTheLimitIsLeftAlone) {
    expect_unchanged("<a href=\"https://e.test/" + std::string(2'000, 'x') + "\">x</a>");
}

// Browsers know them; a wrong guess would lead to another page.
TEST_F(LinkTrackerTest, ReferencesThatWeDoNotKnowAreLeftAlone) {
    expect_unchanged("<a href=\"https://e.test/?a&lang;b\">x</a>");
    expect_unchanged("<a href=\"https://e.test/?a&copy\">x</a>");
    EXPECT_EQ(tracked("<a href=\"https://e.test/?a&copy=1&x&#38;&y=&amp;z\">x</a>"),
              "<a href=\"" + link("https://e.test/?a&copy=1&x&&y=&z") + "\">x</a>");
}

TEST_F(LinkTrackerTest, ThePixelStandsBeforeTheEndOfTheBodyOrAtTheEnd) {
    EXPECT_EQ(tracked("<body>a<a href=https://b.test>c</a></body> \n", true),
              "<body>a<a href=" + link("https://b.test") + ">c</a>" + pixel() + "</body> \n");
    EXPECT_EQ(tracked("<p>a</p>\n", true), "<p>a</p>\n" + pixel());
    EXPECT_THAT(tracked("<p>a</p>", true), Not(HasSubstr("display")));
}

TEST_F(LinkTrackerTest, EachKindHasItsOwnToggle) {
    const std::string html = "<body><a href=https://b.test>c</a></body>";
    EXPECT_EQ(tracked(html, true, false), "<body><a href=https://b.test>c</a>" + pixel() + "</body>");
    EXPECT_EQ(tracked(html, false, true), "<body><a href=" + link("https://b.test") + ">c</a></body>");
}

TEST_F(LinkTrackerTest, Case82WithoutBothNotAByteChanges) {
    const std::string html = "<body><a href=https://b.test>c</a></body>";
    EXPECT_EQ(tracked(html, false, false), html);
}

TEST_F(LinkTrackerTest, APlaceThatIsNotInThisMailIsPassedOver) {
    const std::string_view source = "<a href=https://a.test>1</a><a href=https://b.test>2</a>";
    const auto places = tracker.find(source);
    const std::string_view html = "<a href=https://b.test>2</a>";
    const std::vector<domain::PlacedMark> marks{{2, 8}, {3, 22}};
    EXPECT_EQ(tracker.track(html, places, marks, {.email = email, .opens = false, .clicks = true, .base = base}),
              "<a href=" + link("https://b.test", 1) + ">2</a>");
}

}  // namespace
}  // namespace sequitur::mail
