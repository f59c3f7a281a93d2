#include "mail/host_policy.hpp"

#include <gtest/gtest.h>

namespace sequitur::mail {
namespace {

bool allowed(const char* text, PrivateHosts hosts) { return is_allowed(boost::asio::ip::make_address(text), hosts); }

TEST(HostPolicy, LetsThePublicInternetThrough) {
    for (const auto* text : {"8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.0.1", "100.128.0.1", "169.253.1.1",
                             "192.167.1.1", "2001:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"})
        EXPECT_TRUE(allowed(text, PrivateHosts::no)) << text;
}

TEST(HostPolicy, RefusesWhatIsNotPublicUnlessItIsAllowed) {
    for (const auto* text : {"10.0.0.1",        "172.16.0.1",        "172.31.255.255", "192.168.1.1",
                             "100.64.0.1",      "169.254.169.254",   "0.0.0.0",        "0.1.2.3",
                             "224.0.0.1",       "255.255.255.255",   "fe80::1",        "febf::1",
                             "fc00::1",         "fd12::1",           "ff02::1",        "::",
                             "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "2002:a00:1::1",  "::10.0.0.1"}) {
        EXPECT_FALSE(allowed(text, PrivateHosts::no)) << text;
        EXPECT_FALSE(allowed(text, PrivateHosts::loopback)) << text;
        EXPECT_TRUE(allowed(text, PrivateHosts::yes)) << text;
    }
}

TEST(HostPolicy, KnowsThisMachineByItself) {
    for (const auto* text : {"127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"}) {
        EXPECT_FALSE(allowed(text, PrivateHosts::no)) << text;
        EXPECT_TRUE(allowed(text, PrivateHosts::loopback)) << text;
    }
}

TEST(HostPolicy, KeepsTheAddressesOfAHostThatAreAllowed) {
    const auto make = [](const char* text) { return boost::asio::ip::make_address(text); };
    EXPECT_EQ(allowed_of({make("10.0.0.1"), make("8.8.8.8"), make("::1")}, PrivateHosts::no),
              std::vector{make("8.8.8.8")});
}

}  // namespace
}  // namespace sequitur::mail
