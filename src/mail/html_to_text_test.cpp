#include "mail/html_to_text.hpp"

#include <gtest/gtest.h>

namespace sequitur::mail {

namespace {

TEST(HtmlToText, Case31KeepsParagraphsBreaksAndLinks) {
    EXPECT_EQ(html_to_text(R"(<p>A</p><p>B<br>C <a href="https://x.test">site</a></p>)"),
              "A\n\nB\nC site (https://x.test)\n");
}

TEST(HtmlToText, WritesAnAddressOnceWhenItIsItsOwnText) {
    EXPECT_EQ(html_to_text("<a href='https://x.test/a?b=1&amp;c=2'>https://x.test/a?b=1&amp;c=2</a>"),
              "https://x.test/a?b=1&c=2\n");
    EXPECT_EQ(html_to_text("<a href=mailto:a@b.test>a@b.test</a> or <a href='mailto:c@d.test'>Cleo</a>"),
              "a@b.test or Cleo (c@d.test)\n");
    EXPECT_EQ(html_to_text("<a href='#top'>up</a> <a href='javascript:x()'>no</a> <a name=x>y</a>"), "up no y\n");
    EXPECT_EQ(html_to_text("<a href='https://x.test'><img src=a.png></a>"), "https://x.test\n");
    EXPECT_EQ(html_to_text("<a href='https://x.test'>open <b>end"), "open end (https://x.test)\n");
}

TEST(HtmlToText, DropsWhatNobodyReads) {
    EXPECT_EQ(html_to_text(
                  "<head><title>t</title><style>a{b:c}</style></head>x<!-- <p>y</p> --><SCRIPT>if (a<b) z()</Script>w"),
              "xw\n");
    EXPECT_EQ(html_to_text("a<style>never closed"), "anever closed\n");
}

TEST(HtmlToText, WritesListsImagesAndTables) {
    EXPECT_EQ(html_to_text("<ul><li>one</li><li>two</li></ul>after"), "- one\n- two\n\nafter\n");
    EXPECT_EQ(html_to_text("<img alt='our logo' src=x> hi"), "our logo hi\n");
    EXPECT_EQ(html_to_text("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>"), "a b\nc\n");
    EXPECT_EQ(html_to_text("<div>a</div><div>b</div>"), "a\nb\n");
}

TEST(HtmlToText, ReadsEntitiesAndBlanks) {
    EXPECT_EQ(html_to_text("  a \n b&nbsp;&nbsp;c &lt;&#228;&#x20AC;&euro;&uuml;&hellip; &unknown; &amp;lt; AT&T"),
              "a b c <ä€€ü… &unknown; &lt; AT&T\n");
    EXPECT_EQ(html_to_text("&#0;&#xD800;&#9999999;&#13;&#;"), "\uFFFD\uFFFD\uFFFD &#;\n");
}

TEST(HtmlToText, LeavesALoneAngleBracketAlone) {
    EXPECT_EQ(html_to_text("1 < 2 and <3, a<b"), "1 < 2 and <3, a<b\n");
    EXPECT_EQ(html_to_text("<p title='a>b'>x</p>"), "x\n");
    EXPECT_EQ(html_to_text(""), "");
}

// A quadratic reader would need minutes for these: no clock is needed to notice.
TEST(HtmlToText, IsLinearInWhateverIsLeftOpen) {
    for (const std::string piece :
         {"<b>", "<a ", "<!--", "<script>", "</", "<a href=\"", "&amp", "<style><head>", "<div a='"}) {
        std::string html;
        while (html.size() < 256 * 1024) html += piece;
        EXPECT_LE(html_to_text(html).size(), html.size() + 1);
    }
}

}  // namespace

}  // namespace sequitur::mail
