#include "mail/sasl.hpp"

#include <gtest/gtest.h>

#include "mail/base64.hpp"

namespace sequitur::mail {
namespace {

TEST(Sasl, Case37PlainIsTheUserAndThePasswordAfterNuls) { EXPECT_EQ(sasl::plain("u", "p"), "AHUAcA=="); }

TEST(Sasl, Case38AnswersTheChallengeOfRfc2195) {
    const auto challenge = base64("<1896.697170952@postoffice.reston.mci.net>");
    EXPECT_EQ(challenge, "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+");
    EXPECT_EQ(sasl::cram_md5("tim", "tanstaaftanstaaf", challenge), "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
    EXPECT_EQ(sasl::cram_md5("tim", "x", "not base64!"), std::nullopt);
}

TEST(Sasl, Case39PutsATokenIntoXoauth2) {
    EXPECT_EQ(sasl::xoauth2("u@x.test", "TOK"), "dXNlcj11QHgudGVzdAFhdXRoPUJlYXJlciBUT0sBAQ==");
}

TEST(Sasl, PutsATokenIntoOauthbearerAsRfc7628Does) {
    EXPECT_EQ(
        sasl::oauthbearer("user@example.com", "server.example.com", 143, "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="),
        "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52"
        "YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB");
    EXPECT_EQ(base64_decode(sasl::oauthbearer("a,b=c", "h", 1, "t")),
              "n,a=a=2Cb=3Dc,\1host=h\1port=1\1auth=Bearer t\1\1");
}

}  // namespace
}  // namespace sequitur::mail
