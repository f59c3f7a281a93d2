#include "domain/link_target.hpp"

#include <gtest/gtest.h>

#include "domain/ports/link_tokens.hpp"

namespace sequitur::domain {
namespace {

TEST(LinkTarget, IsAWebAddressAsItIs) {
    for (const auto* url : {"https://e.test/a?x=1&y=2", "http://e.test", "HTTPS://E.test/#x",
                            "https://e.test:8443/%C3%BC", "https://[::1]:80/", "https://e.test?a'b,c;d=(e)!*~$"}) {
        EXPECT_EQ(link_target(url), url);
        EXPECT_TRUE(is_link_target(url)) << url;
    }
}

TEST(LinkTarget, LosesBlanksAroundItAndBreaksInIt) {
    EXPECT_EQ(link_target(" \n https://e.test/a \t"), "https://e.test/a");
    EXPECT_EQ(link_target("https://e.test/a\r\n b"), "https://e.test/a%20b");
}

TEST(LinkTarget, IsWrittenInAscii) {
    EXPECT_EQ(link_target("https://e.test/ü?q=\"<a>\""), "https://e.test/%C3%BC?q=%22%3Ca%3E%22");
    EXPECT_EQ(link_target("https://e.test/a\\b|c"), "https://e.test/a%5Cb%7Cc");
}

TEST(LinkTarget, Case77IsNothingElse) {
    for (const auto* href : {"",
                             " ",
                             "#top",
                             "/path",
                             "path",
                             "//evil.test",
                             "mailto:a@b.test",
                             "tel:1",
                             "sms:1",
                             "javascript:alert(1)",
                             "data:text/html,x",
                             "cid:a",
                             "ftp://e.test",
                             "https:",
                             "https://",
                             "https:///x",
                             "https:e.test",
                             "http:/e.test",
                             "https://:80",
                             "ht\ntps://e.test"})
        EXPECT_FALSE(link_target(href)) << href;
}

TEST(LinkTarget, NeverNamesAUserOrAnOddHost) {
    for (const auto* href :
         {"https://good.test@evil.test/", "https://u:p@e.test", "https://e.test\\@evil.test", "https://e.test\\evil",
          "https://ev il.test/", "https://b%65.test/", "https://münchen.test/", "https://e.te\nst/"})
        EXPECT_FALSE(link_target(href)) << href;
    EXPECT_FALSE(link_target(std::string_view{"https://e.test/\0a", 17}));
    EXPECT_FALSE(link_target("https://e.test/\x01"));
}

TEST(LinkTarget, IsLeftAloneAboveTheLimitOfAToken) {
    const std::string base = "https://e.test/";
    EXPECT_TRUE(link_target(base + std::string(link_url_bytes_max - base.size(), 'x')));
    EXPECT_FALSE(link_target(base + std::string(link_url_bytes_max - base.size() + 1, 'x')));
    EXPECT_FALSE(link_target(base + std::string(700, '"'))) << "it grows when it is encoded";
}

TEST(LinkTarget, WhatWouldBeChangedIsNoTarget) {
    for (const auto* url : {" https://e.test", "https://e.test/\r\nSet-Cookie: a=b", "https://e.test/ü", "//evil.test"})
        EXPECT_FALSE(is_link_target(url)) << url;
}

TEST(HostOf, IsLowerCaseWithoutPortAndUser) {
    EXPECT_EQ(host_of("https://Shop.Example:8443/x"), "shop.example");
    EXPECT_EQ(host_of("http://u@e.test?x"), "e.test");
    EXPECT_EQ(host_of("http://[::1]:80/"), "[::1]");
    EXPECT_EQ(host_of("mailto:a@b.test"), "");
}

}  // namespace
}  // namespace sequitur::domain
