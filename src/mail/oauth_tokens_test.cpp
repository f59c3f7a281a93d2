#include "mail/oauth_tokens.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <future>

#include "domain/template_values.hpp"
#include "mail/sink.hpp"
#include "mail/token_answer.hpp"
#include "support/manual_clock.hpp"

namespace sequitur::mail {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class KeptRefreshTokens final : public domain::RefreshTokens {
public:
    void replace(const domain::SmtpAccount&, const Secret& refresh_token) override {
        stored.push_back(refresh_token.reveal());
        if (fails) throw std::runtime_error("database away");
    }
    std::vector<std::string> stored;
    bool fails = false;
};

std::string given(const std::string& token, int seconds = 3600, const std::string& more = "") {
    return R"({"access_token":")" + token + R"(","expires_in":)" + std::to_string(seconds) + more + "}";
}

class OAuthTokensTest : public ::testing::Test {
protected:
    OAuthTokensTest() {
        account->mailbox = MailboxId{Uuid::parse("01a20c7a-ee37-7fbb-a019-650bbf426242").value()};
        account->oauth = {.token_url = "https://t.test/token",
                          .scope = "a b",
                          .client_id = "id",
                          .client_secret = Secret{"s&t"},
                          .refresh_token = Secret{"first"}};
    }
    domain::TokenAnswer ask(const std::string& refused = "") {
        std::promise<domain::TokenAnswer> promise;
        auto answer = promise.get_future();
        tokens.token(account, Secret{refused}, [&](const domain::TokenAnswer& come) { promise.set_value(come); });
        return answer.get();
    }
    std::string token(const std::string& refused = "") { return std::get<Secret>(ask(refused)).reveal(); }
    domain::NoToken none() { return std::get<domain::NoToken>(ask()); }

    std::shared_ptr<domain::SmtpAccount> account = std::make_shared<domain::SmtpAccount>();
    KeptRefreshTokens refresh_tokens;
    test::ManualClock clock;
    std::deque<HttpsAnswer> answers;
    std::vector<std::string> forms;
    OAuthTokens tokens{refresh_tokens, clock, [this](const std::string& url, const std::string& form) {
                           EXPECT_EQ(url, account->oauth.token_url);
                           forms.push_back(form);
                           auto answer = answers.front();
                           answers.pop_front();
                           return answer;
                       }};
};

TEST_F(OAuthTokensTest, AsksAsRfc6749SaysAndKeepsTheTokenUntilAMinuteBeforeItEnds) {
    answers = {{200, given("one"), ""}, {200, given("two"), ""}};
    EXPECT_EQ(token(), "one");
    EXPECT_EQ(token(), "one");
    EXPECT_EQ(forms.at(0), "grant_type=refresh_token&refresh_token=first&client_id=id&client_secret=s%26t&scope=a%20b");

    clock.advance(59min);
    EXPECT_EQ(token(), "two");
    EXPECT_EQ(forms.size(), 2U);
}

TEST_F(OAuthTokensTest, Case39RenewsATokenThatTheServerRefused) {
    answers = {{200, given("one"), ""}, {200, given("two"), ""}};
    EXPECT_EQ(token(), "one");
    EXPECT_EQ(token("one"), "two");
    EXPECT_EQ(token("one"), "two") << "it is another one already";
}

TEST_F(OAuthTokensTest, ForgetsWhatItHasWithTheOldSettings) {
    answers = {{200, given("one"), ""}, {200, given("two"), ""}};
    EXPECT_EQ(token(), "one");
    ++account->version;
    account->oauth.refresh_token = Secret{"other"};
    EXPECT_EQ(token(), "two");
    EXPECT_THAT(forms.at(1), HasSubstr("refresh_token=other"));
}

TEST_F(OAuthTokensTest, StoresANewRefreshTokenAndUsesItEvenWhereItCouldNot) {
    refresh_tokens.fails = true;
    answers = {{200, given("one", 3600, R"(,"refresh_token":"second")"), ""}, {200, given("two"), ""}};
    token();
    clock.advance(1h);
    token();
    EXPECT_EQ(refresh_tokens.stored, std::vector<std::string>{"second"});
    EXPECT_THAT(forms.at(1), HasSubstr("refresh_token=second"));
}

TEST_F(OAuthTokensTest, NeedsAPersonOnlyForWhatAskingAgainDoesNotMend) {
    answers = {{400, R"({"error":"invalid_grant","error_description":"Token has been\nrevoked."})", ""},
               {401, R"({"error":"invalid_client"})", ""},
               {503, "<html>", ""},
               {400, R"({"error":"temporarily_unavailable"})", ""},
               {500, R"({"error":"invalid_grant"})", ""},
               {0, "", "could not connect"}};
    const auto revoked = none();
    EXPECT_TRUE(revoked.needs_a_person);
    EXPECT_EQ(revoked.reason, "no access token: invalid_grant: Token has been revoked.");
    EXPECT_TRUE(none().needs_a_person);
    for (int i = 0; i < 4; ++i) EXPECT_FALSE(none().needs_a_person) << i;
}

TEST(TokenAnswer, TakesNoTokenThatCouldEndALine) {
    EXPECT_TRUE(std::holds_alternative<domain::NoToken>(read_token_answer(200, given(R"(a\r\nb)"))));
    EXPECT_TRUE(std::holds_alternative<domain::NoToken>(read_token_answer(200, R"({"access_token":7})")));
    EXPECT_TRUE(std::holds_alternative<domain::NoToken>(read_token_answer(200, "[]")));
    EXPECT_EQ(std::get<GivenToken>(read_token_answer(200, R"({"access_token":"x"})")).good_for, 5min);
}

TEST(UrlEncoded, LeavesOnlyUnreservedCharacters) {
    EXPECT_EQ(domain::url_encoded("a-b_c.d~e/ü&="), "a-b_c.d~e%2F%C3%BC%26%3D");
}

TEST(HttpsPost, SpeaksNothingButHttps) {
    const SystemClock clock;
    const Sink server{{}, clock};
    const auto answer = https_post("http://127.0.0.1:" + std::to_string(server.port()) + "/", "",
                                   {.private_hosts = PrivateHosts::loopback});
    EXPECT_EQ(answer.status, 0);
    EXPECT_THAT(answer.problem, HasSubstr("rotocol"));
    EXPECT_EQ(server.counters().connections, 0U);
}

TEST(HttpsPost, GoesNowherePrivateUnlessThatIsAllowed) {
    const SystemClock clock;
    const Sink server{{}, clock};
    const auto url = "https://localhost:" + std::to_string(server.port()) + "/";
    EXPECT_EQ(https_post(url, "secret", {.private_hosts = PrivateHosts::no}).status, 0);
    EXPECT_EQ(server.counters().connections, 0U);
    EXPECT_EQ(https_post(url, "secret", {.private_hosts = PrivateHosts::loopback}).status, 0) << "it speaks no TLS";
    EXPECT_GE(server.counters().connections, 1U);
}

}  // namespace
}  // namespace sequitur::mail
