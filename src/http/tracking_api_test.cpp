#include "http/tracking_api.hpp"

#include "http/api_calls_test.hpp"
#include "support/manual_clock.hpp"

namespace sequitur::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// "o-1" is an open of email 1, "c-1-URL" a click.
struct FakeTokens final : domain::LinkTokens {
    std::string sign(const domain::LinkToken&) const override { return {}; }
    std::optional<domain::LinkToken> read(domain::LinkPurpose purpose, std::string_view token) const override {
        if (token.size() < 3 || token[0] != static_cast<char>(purpose)) return std::nullopt;
        const bool is_click = purpose == domain::LinkPurpose::click;
        return domain::LinkToken{.purpose = purpose,
                                 .email = {uuid_of(token[2] - '0')},
                                 .index = is_click ? 3 : 0,
                                 .url = is_click ? std::string{token.substr(4)} : ""};
    }
};

struct FakeHits final : domain::HitLog {
    void keep(const domain::EmailEvent& hit, std::function<void(bool)> then) override {
        if (accepts) kept.push_back(hit);
        then(accepts);
    }
    bool accepts = true;
    std::vector<domain::EmailEvent> kept;
};

class TrackingApiTest : public ::testing::Test {
protected:
    TrackingApiTest() { api.add_to(router); }

    Response call(const std::string& target, const std::string& method = "GET") {
        Request request;
        request.id = "request-1";
        request.method = method;
        request.peer = "192.0.2.77";
        request.headers = headers;
        EXPECT_TRUE(set_target(request, target));
        const auto match = router.match(request);
        const auto* route = std::get_if<const Route*>(&match);
        if (!route) return answer(match, request);
        std::optional<Response> answered;
        answer_late(**route, request, [&](Response response) { answered = std::move(response); });
        return answered.value_or(Response{});
    }
    static void expect_kept_from_caches(const Response& response) {
        EXPECT_EQ(header_of(response, "Cache-Control"), "no-store");
        EXPECT_EQ(header_of(response, "Referrer-Policy"), "no-referrer");
        EXPECT_EQ(header_of(response, "X-Robots-Tag"), "noindex");
    }
    json::value data() { return json::parse(hits.kept.at(0).data); }

    std::vector<std::pair<std::string, std::string>> headers{{"user-agent", "Mozilla/5.0 (X11) Firefox/121.0"}};
    FakeTokens tokens;
    FakeHits hits;
    test::ManualClock clock;
    metrics::Registry registry;
    TrackingApi api{tokens, hits, clock, registry, domain::TrustedProxies{{"10.0.0.0/8"}}};
    Router router;
};

TEST_F(TrackingApiTest, AnOpenIsKeptAndAnsweredWithThePixel) {
    const auto response = call("/t/o/o-1");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "image/gif");
    EXPECT_EQ(response.body.size(), 43u);
    EXPECT_TRUE(response.body.starts_with("GIF89a"));
    expect_kept_from_caches(response);
    ASSERT_EQ(hits.kept.size(), 1u);
    EXPECT_EQ(hits.kept[0].type, "opened");
    EXPECT_EQ(hits.kept[0].email_queue_id.uuid, uuid_of(1));
    EXPECT_EQ(hits.kept[0].at, clock.now());
    EXPECT_EQ(data(), json::parse(R"({"kind":"human","agent":"Firefox","network":"192.0.2.0/24"})"));
}

TEST_F(TrackingApiTest, AClickIsKeptAndLeadsToItsTarget) {
    const auto response = call("/t/c/c-2-https:%2F%2Fe.test%2Fa%3Fx=1&y=2");
    EXPECT_EQ(response.status, 302);
    EXPECT_EQ(header_of(response, "Location"), "https://e.test/a?x=1&y=2");
    EXPECT_EQ(response.body, "");
    expect_kept_from_caches(response);
    ASSERT_EQ(hits.kept.size(), 1u);
    EXPECT_EQ(hits.kept[0].type, "clicked");
    EXPECT_EQ(data().at("link"), 3);
    EXPECT_EQ(data().at("url"), "https://e.test/a?x=1&y=2");
}

TEST_F(TrackingApiTest, Case79ABadTokenGetsThePixelAndNoRedirectAndIsNoEvent) {
    const auto open = call("/t/o/x-1");
    EXPECT_EQ(open.status, 200);
    EXPECT_EQ(open.body.size(), 43u);
    for (const auto* token : {"x-1", "o-1", "u-1"}) {
        const auto click = call("/t/c/" + std::string{token});
        EXPECT_EQ(click.status, 404) << token;
        EXPECT_EQ(header_of(click, "Location"), "");
        EXPECT_EQ(click.content_type, "text/plain; charset=utf-8");
    }
    EXPECT_THAT(hits.kept, IsEmpty());
}

TEST_F(TrackingApiTest, Case80NothingButTheTokenIsATarget) {
    const auto response = call("/t/c/c-2-https:%2F%2Fe.test?url=https://evil.test&next=//evil.test");
    EXPECT_EQ(header_of(response, "Location"), "https://e.test");
}

// They can not be signed; should one be, it leads nowhere.
TEST_F(TrackingApiTest, Row4ATargetThatIsNoWebAddressIsNone) {
    for (const auto* url : {"javascript:alert(1)", "%2F%2Fevil.test", "https:%2F%2Fu@evil.test",
                            "https:%2F%2Fe.test%0D%0ASet-Cookie:a=b", "https:%2F%2Fe.test%2F%C3%BC", ""}) {
        const auto response = call("/t/c/c-2-" + std::string{url});
        EXPECT_EQ(response.status, 404) << url;
        EXPECT_EQ(header_of(response, "Location"), "");
    }
    EXPECT_THAT(hits.kept, IsEmpty());
}

TEST_F(TrackingApiTest, Case81HeadHasTheSameHeadersAndIsNoEvent) {
    const auto click = call("/t/c/c-2-https:%2F%2Fe.test", "HEAD");
    EXPECT_EQ(click.status, 302);
    EXPECT_EQ(header_of(click, "Location"), "https://e.test");
    expect_kept_from_caches(click);
    EXPECT_EQ(call("/t/o/o-1", "HEAD").status, 200);
    EXPECT_THAT(hits.kept, IsEmpty());
}

TEST_F(TrackingApiTest, Case81MachinesAreKeptWithTheReason) {
    headers = {{"user-agent", "curl/8"}};
    call("/t/o/o-1");
    EXPECT_EQ(data().at("kind"), "machine");
    EXPECT_EQ(data().at("reason"), "user_agent");
    EXPECT_NE(registry.text().find("sequitur_events_total{type=\"opened\",machine=\"true\"} 1"), std::string::npos);
    EXPECT_NE(registry.text().find("sequitur_tracking_request_duration_seconds_count{kind=\"open\"} 1"),
              std::string::npos);
}

TEST_F(TrackingApiTest, TheClientOfATrustedProxyOnlyIsBelieved) {
    headers.emplace_back("x-forwarded-for", "198.51.100.7");
    call("/t/o/o-1");
    EXPECT_EQ(data().at("network"), "192.0.2.0/24");
}

TEST_F(TrackingApiTest, WhatCanNotBeKeptIsNotAnswered) {
    hits.accepts = false;
    EXPECT_EQ(call("/t/o/o-1").status, 503);
    const auto click = call("/t/c/c-2-https:%2F%2Fe.test");
    EXPECT_EQ(click.status, 503);
    EXPECT_EQ(header_of(click, "Location"), "");
}

TEST_F(TrackingApiTest, OnlyGetAndHeadAreHits) {
    EXPECT_EQ(call("/t/o/o-1", "POST").status, 405);
    EXPECT_EQ(call("/t/c/", "GET").status, 404);
}

}  // namespace
}  // namespace sequitur::http
