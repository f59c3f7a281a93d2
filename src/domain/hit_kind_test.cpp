#include "domain/hit_kind.hpp"

#include <gtest/gtest.h>

#include "domain/client_network.hpp"

namespace sequitur::domain {
namespace {

constexpr std::string_view browser =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36";

std::string label(const HitHeaders& headers) {
    const auto found = label_of(headers);
    return std::string{name(found.kind)}.append(found.reason.empty() ? "" : " ").append(found.reason);
}

TEST(HitKind, Case81MachinesGiveThemselvesAway) {
    EXPECT_EQ(label({.user_agent = browser}), "human");
    EXPECT_EQ(label({}), "machine no_user_agent");
    EXPECT_EQ(label({.user_agent = " "}), "machine no_user_agent");
    EXPECT_EQ(label({.user_agent = "Mozilla/5.0"}), "machine privacy_protection");
    for (const auto* agent : {"curl/8", "curl/7.88.1", "Go-http-client/1.1", "python-requests/2.31", "Googlebot/2.1",
                              "Mozilla/5.0 (compatible; bingbot/2.0)", "HeadlessChrome/120", "Barracuda Sentinel (EE)",
                              "Mimecast Link Protect", "Proofpoint URL Defense", "Some Spider", "SafeLinks"})
        EXPECT_EQ(label({.user_agent = agent}), "machine user_agent") << agent;
}

TEST(HitKind, Case81PrefetchIsAMachineWhateverTheBrowser) {
    EXPECT_EQ(label({.user_agent = browser, .purpose = "prefetch"}), "machine prefetch");
    EXPECT_EQ(label({.user_agent = browser, .sec_purpose = "prefetch;prerender"}), "machine prefetch");
    EXPECT_EQ(label({.user_agent = browser, .x_moz = "Prefetch"}), "machine prefetch");
    EXPECT_EQ(label({.user_agent = browser, .purpose = "navigate"}), "human");
}

TEST(HitKind, Case81AnImageProxyFetchesForAPerson) {
    EXPECT_EQ(label({.user_agent = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com "
                                   "GoogleImageProxy)"}),
              "proxy image_proxy");
    EXPECT_EQ(label({.user_agent = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy"}), "proxy image_proxy");
}

TEST(HitKind, OnlyTheFamilyOfAnAgentIsTold) {
    EXPECT_EQ(agent_family(browser), "Chrome");
    EXPECT_EQ(agent_family("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko)"), "Apple Mail");
    EXPECT_EQ(agent_family("Mozilla/5.0 Edg/120.0 Chrome/120"), "Edge");
    EXPECT_EQ(agent_family(std::nullopt), "none");
    EXPECT_EQ(agent_family("x"), "other");
}

TEST(ClientNetwork, IsCutToTheNetwork) {
    const TrustedProxies nobody{{}};
    EXPECT_EQ(client_network("192.0.2.77", {}, nobody), "192.0.2.0/24");
    EXPECT_EQ(client_network("2001:db8:1:2:3::4", {}, nobody), "2001:db8:1::/48");
    EXPECT_EQ(client_network("::ffff:192.0.2.77", {}, nobody), "192.0.2.0/24");
    EXPECT_EQ(client_network("", {}, nobody), "");
}

TEST(ClientNetwork, BelievesOnlyTrustedProxies) {
    const TrustedProxies ours{{"10.0.0.0/8", "::1"}};
    EXPECT_EQ(client_network("192.0.2.1", "198.51.100.7", ours), "192.0.2.0/24") << "anybody can say so";
    EXPECT_EQ(client_network("10.1.2.3", "198.51.100.7", ours), "198.51.100.0/24");
    EXPECT_EQ(client_network("::1", "203.0.113.9, 198.51.100.7 , 10.9.9.9", ours), "198.51.100.0/24")
        << "what stands before the first stranger is the stranger's word";
    EXPECT_EQ(client_network("10.1.2.3", "nonsense", ours), "10.1.2.0/24");
    EXPECT_EQ(client_network("10.1.2.3", {}, ours), "10.1.2.0/24");
}

TEST(ClientNetwork, RefusesWhatIsNoNetwork) {
    for (const auto* wrong : {"x", "", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "proxy.corp.test"})
        EXPECT_THROW(TrustedProxies{{wrong}}, std::invalid_argument) << wrong;
}

}  // namespace
}  // namespace sequitur::domain
