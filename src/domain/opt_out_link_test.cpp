#include "domain/opt_out_link.hpp"

#include <gtest/gtest.h>

namespace sequitur::domain {
namespace {

class FakeTokens final : public LinkTokens {
public:
    std::string sign(const LinkToken& token) const override {
        return static_cast<char>(token.purpose) + token.email.text();
    }
    std::optional<LinkToken> read(LinkPurpose, std::string_view) const override { return std::nullopt; }
};

TEST(OptOutLink, NamesTheMailUnderTheBaseThatThereIs) {
    const FakeTokens tokens;
    const auto email = EmailId::make({});
    EXPECT_EQ(opt_out_url("https://go.acme.test/x", tokens, email), "https://go.acme.test/x/u/u" + email.text());
    EXPECT_EQ(opt_out_url("", tokens, email), "");
}

TEST(OptOutLink, IsOneClickOverHttpsOrOnThisMachineOnly) {
    for (const auto* const url :
         {"https://go.acme.test/u/t", "http://127.0.0.1:8080/u/t", "http://localhost/u/t", "http://[::1]:8080/u/t"})
        EXPECT_TRUE(may_be_one_click(url)) << url;
    for (const auto* const url : {"", "http://go.acme.test/u/t", "http://localhost.acme.test/u/t", "ftp://localhost/",
                                  "http://10.0.0.1:8080/u/t"})
        EXPECT_FALSE(may_be_one_click(url)) << url;
}

}  // namespace
}  // namespace sequitur::domain
