#include "http/opt_out_api.hpp"

#include "domain/ports/store_error.hpp"
#include "http/api_calls_test.hpp"

namespace sequitur::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// "good" is a token of email 7, "gone" of one that there is not.
class FakeTokens final : public domain::LinkTokens {
public:
    std::string sign(const domain::LinkToken&) const override { return "good"; }
    std::optional<domain::LinkToken> read(domain::LinkPurpose purpose, std::string_view token) const override {
        if (purpose != domain::LinkPurpose::unsubscribe || (token != "good" && token != "gone")) return std::nullopt;
        return domain::LinkToken{purpose, EmailId{uuid_of(token == "good" ? 7 : 8)}, 0, {}};
    }
};

class FakeOptOuts final : public domain::OptOuts {
public:
    domain::OptOutState state{.address = "ana<b>@acme.test", .opted_out = false};
    domain::StopReceipt receipt;
    bool away = false;
    std::vector<std::string> acts;

    std::optional<domain::OptOutState> look(const EmailId& email) override {
        enter(email);
        return is_known(email) ? std::optional{state} : std::nullopt;
    }
    std::optional<domain::OptOutDone> opt_out(const EmailId& email, const std::string& via) override {
        enter(email);
        if (!is_known(email)) return std::nullopt;
        acts.push_back(via);
        const bool repeated = std::exchange(state.opted_out, true);
        return domain::OptOutDone{.address = state.address, .repeated = repeated, .receipt = receipt};
    }
    std::optional<domain::OptOutState> undo(const EmailId& email) override {
        enter(email);
        if (!is_known(email)) return std::nullopt;
        acts.emplace_back("undo");
        state.opted_out = false;
        return state;
    }

private:
    void enter(const EmailId&) const {
        if (away) throw domain::StoreUnavailable("away");
    }
    static bool is_known(const EmailId& email) { return email == EmailId{uuid_of(7)}; }
};

class OptOutApiTest : public testing::Test {
protected:
    OptOutApiTest() { api.add_to(call.router); }
    Response post(const std::string& body, const std::string& type = "application/x-www-form-urlencoded") {
        call.headers = {{"content-type", type}};
        return call("POST", "/u/good", body);
    }

    FakeOptOuts opt_outs;
    FakeTokens tokens;
    metrics::Registry registry;
    OptOutApi api{opt_outs, tokens, "Acme & Co", registry};
    ApiCalls call;
};

TEST_F(OptOutApiTest, Case83AGetShowsAPageAndChangesNothing) {
    for (const auto* const method : {"GET", "HEAD"}) {
        const auto response = call(method, "/u/good");
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
        EXPECT_THAT(response.body, HasSubstr("<b>ana&lt;b&gt;@acme.test</b>"));
        EXPECT_THAT(response.body, HasSubstr("from Acme &amp; Co"));
        EXPECT_THAT(response.body, HasSubstr(R"(<form method="post"><input type="hidden" name="confirm" value="1">)"));
    }
    EXPECT_THAT(opt_outs.acts, IsEmpty());
}

TEST_F(OptOutApiTest, Case83AOneClickPostActsAtOnceAndMayBeRepeated) {
    for (int i = 0; i < 2; ++i) {
        const auto response = post("List-Unsubscribe=One-Click");
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.body, "unsubscribed\n");
        for (const auto* const name : {"Set-Cookie", "Location"}) EXPECT_EQ(header_of(response, name), "");
    }
    EXPECT_THAT(opt_outs.acts, ElementsAre("one_click", "one_click"));
    EXPECT_THAT(registry.text(), HasSubstr("sequitur_unsubscribes_total{via=\"one_click\"} 1\n"));
}

TEST_F(OptOutApiTest, TakesTheFieldsOfBothKindsOfFormAndPassesOverTheOthers) {
    EXPECT_EQ(post("a=b&List-Unsubscribe=One%2DClick").status, 200);
    EXPECT_EQ(post("List-Unsubscribe=One-Click", "").status, 200);
    const std::string multipart = "--x y\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; "
                                  "name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x y\r\nContent-Disposition: "
                                  "form-data; name=more\r\n\r\nthings\r\n--x y--\r\n";
    EXPECT_EQ(post(multipart, "Multipart/Form-Data; boundary=\"x y\"").status, 200);
    EXPECT_EQ(opt_outs.acts.size(), 3U);
}

TEST_F(OptOutApiTest, APostThatSaysNothingChangesNothing) {
    for (const auto* const body : {"", "List-Unsubscribe=one-click", "confirm=yes", "confirm%3D1", "a%ZZ", "undo"})
        EXPECT_EQ(post(body).status, 400) << body;
    EXPECT_EQ(post(R"({"confirm":"1"})", "application/json").status, 400);
    EXPECT_EQ(post("--x\r\n\r\nconfirm=1", "multipart/form-data").status, 400);
    EXPECT_EQ(
        post("--x\r\nContent-Disposition: form-data; name=\"confirm\"\r\n\r\n1", "multipart/form-data; boundary=x")
            .status,
        400)
        << "cut off";
    EXPECT_EQ(post("confirm=1&a=" + std::string(70'000, 'b')).status, 400);
    EXPECT_THAT(opt_outs.acts, IsEmpty());
}

TEST_F(OptOutApiTest, ThePageSaysWhatHadLeftAndOffersTheWayBack) {
    opt_outs.receipt.cancelled = 2;
    opt_outs.receipt.stopping = 1;
    opt_outs.receipt.already_leaving = {EmailId{uuid_of(3)}};

    const auto done = post("confirm=1").body;

    EXPECT_THAT(done, HasSubstr("<h1>You are unsubscribed</h1>"));
    EXPECT_THAT(done, HasSubstr("3 messages that were planned for you will not be sent."));
    EXPECT_THAT(done, HasSubstr("1 message was already on its way and may still arrive. Nothing comes after it."));
    EXPECT_THAT(done, HasSubstr(R"(name="undo" value="1")"));
    EXPECT_THAT(call("GET", "/u/good").body, HasSubstr("<h1>You are unsubscribed</h1>")) << "and it says so later";

    EXPECT_THAT(post("undo=1").body, HasSubstr("<h1>You can get mail again</h1>"));
    EXPECT_THAT(opt_outs.acts, ElementsAre("page", "undo"));
    EXPECT_THAT(registry.text(), HasSubstr("sequitur_unsubscribes_total{via=\"page\"} 1\n"));
}

TEST_F(OptOutApiTest, AForgedLinkOrOneOfNoMailIsNotFound) {
    for (const auto* const path : {"/u/forged", "/u/gone"}) {
        EXPECT_EQ(call("GET", path).status, 404) << path;
        call.headers = {};
        EXPECT_EQ(call("POST", path, "List-Unsubscribe=One-Click").status, 404) << path;
    }
    EXPECT_EQ(call("GET", "/u/").status, 404);
    EXPECT_EQ(call("GET", "/u/good/more").status, 404);
    opt_outs.away = true;
    EXPECT_EQ(call("GET", "/u/forged").status, 404) << "told without the database";
}

TEST_F(OptOutApiTest, WithoutADatabaseItAsksToComeAgain) {
    opt_outs.away = true;

    for (const auto& response : {call("GET", "/u/good"), post("List-Unsubscribe=One-Click"), post("undo=1")}) {
        EXPECT_EQ(response.status, 503);
        EXPECT_EQ(header_of(response, "Retry-After"), "30");
        EXPECT_THAT(response.body, HasSubstr("<h1>Please try again in a minute</h1>"));
    }
}

TEST_F(OptOutApiTest, EveryPageIsForPeopleOnlyAndLoadsNothing) {
    opt_outs.state.opted_out = true;
    auto pages = {call("GET", "/u/good"), call("GET", "/u/forged"), post(""), post("undo=1"), post("confirm=1")};
    for (const auto& page : pages) {
        EXPECT_EQ(header_of(page, "X-Robots-Tag"), "noindex, nofollow");
        EXPECT_EQ(header_of(page, "Cache-Control"), "no-store");
        EXPECT_EQ(header_of(page, "Referrer-Policy"), "no-referrer");
        EXPECT_THAT(header_of(page, "Content-Security-Policy"), HasSubstr("default-src 'none'; style-src 'sha256-"));
        EXPECT_THAT(page.body, HasSubstr("<meta name=\"robots\" content=\"noindex,nofollow\">"));
        EXPECT_THAT(page.body, Not(HasSubstr("<script")));
        EXPECT_THAT(page.body, Not(HasSubstr("http://")));
        EXPECT_THAT(page.body, Not(HasSubstr("https://")));
        EXPECT_LT(page.body.size(), 3'000U);
    }
}

TEST_F(OptOutApiTest, AnErasedAddressIsNotShown) {
    opt_outs.state = {.address = "", .opted_out = true};

    const auto page = call("GET", "/u/good").body;

    EXPECT_THAT(page, HasSubstr("to your address."));
    EXPECT_THAT(page, Not(HasSubstr("<form")));
}

}  // namespace
}  // namespace sequitur::http
