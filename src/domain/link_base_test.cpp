#include "domain/link_base.hpp"

#include <gtest/gtest.h>

#include "domain/loopback.hpp"

namespace sequitur::domain {
namespace {

const LinkSettings with_url{.public_url = "https://go.example.com/", .listen = "127.0.0.1:8080"};
const LinkSettings without_url{.public_url = "", .listen = "127.0.0.1:8080"};

TEST(LinkBase, IsTheMailboxesOwnHostBeforeTheInstallations) {
    EXPECT_EQ(link_base(with_url, "track.corp.test", "smtp.corp.test"), "https://track.corp.test");
    EXPECT_EQ(link_base(without_url, "track.corp.test", "127.0.0.1"), "https://track.corp.test");
}

TEST(LinkBase, IsTheInstallationsWithoutASlashAtItsEnd) {
    EXPECT_EQ(link_base(with_url, "", "smtp.corp.test"), "https://go.example.com");
    EXPECT_EQ(link_base(with_url, "", "127.0.0.1"), "https://go.example.com");
    EXPECT_EQ(link_base({.public_url = "https://corp.test/seq"}, "", "x.test"), "https://corp.test/seq");
}

TEST(LinkBase, LeadsToThisMachineForALoopbackServerOnly) {
    EXPECT_EQ(link_base(without_url, "", "127.0.0.1"), "http://127.0.0.1:8080");
    EXPECT_EQ(link_base(without_url, "", "localhost"), "http://127.0.0.1:8080");
    EXPECT_EQ(link_base(without_url, "", "smtp.corp.test"), "");
    EXPECT_EQ(link_base(without_url, "", "localhost.evil.test"), "");
}

TEST(LinkBase, NamesAnAddressThatCanBeReached) {
    EXPECT_EQ(link_base({.listen = "0.0.0.0:80"}, "", "::1"), "http://127.0.0.1:80");
    EXPECT_EQ(link_base({.listen = "[::]:80"}, "", "::1"), "http://[::1]:80");
    EXPECT_EQ(link_base({.listen = "127.0.0.1:0"}, "", "::1"), "");
    EXPECT_EQ(link_base({}, "", "::1"), "");
}

TEST(LinkBase, APublicUrlIsAWebAddressAndNothingAfterIt) {
    for (const auto* good : {"https://go.example.com", "https://go.example.com/", "http://10.0.0.1:8080",
                             "https://corp.test/seq", "https://[::1]:8080"})
        EXPECT_EQ(problem_of_public_url(good), "") << good;
    for (const auto* bad : {"go.example.com", "ftp://x.test", "https://", "https:///t", "https://:80", "https://a b",
                            "https://x.test?a", "https://x.test#a", "https://u@x.test", "https://x\r\n.test"})
        EXPECT_NE(problem_of_public_url(bad), "") << bad;
}

TEST(Loopback, IsOnlyThisMachine) {
    for (const auto* host : {"localhost", "127.0.0.1", "127.9.9.9", "::1"}) EXPECT_TRUE(is_loopback_host(host)) << host;
    for (const auto* host : {"", "localhost.corp.test", "128.0.0.1", "0.0.0.0", "::2", "corp.test"})
        EXPECT_FALSE(is_loopback_host(host)) << host;
}

}  // namespace
}  // namespace sequitur::domain
