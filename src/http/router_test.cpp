#include "http/router.hpp"

#include "http/api_calls_test.hpp"

namespace sequitur::http {
namespace {

class RouterTest : public testing::Test {
protected:
    RouterTest() {
        const auto echo = [](const Request& request) {
            const auto found = request.path_parameters.find("id");
            const auto given = found == request.path_parameters.end() ? std::string{} : found->second;
            return text_response(200, request.method + ' ' + given);
        };
        call.router.add("GET", "/things", echo);
        call.router.add("POST", "/things", echo);
        call.router.add("GET", "/things/{id}", echo);
        call.router.add("POST", "/things/{id}/stop", echo);
    }
    ApiCalls call;
    const std::string id = uuid_of(1).text();
};

TEST_F(RouterTest, FindsTheHandlerOfMethodAndPath) {
    EXPECT_EQ(call("GET", "/things").body, "GET ");
    EXPECT_EQ(call("POST", "/things?x=1").body, "POST ");
    EXPECT_EQ(call("GET", "/things/" + id).body, "GET " + id);
    EXPECT_EQ(call("POST", "/things/" + id + "/stop").route, "/things/{id}/stop");
}

TEST_F(RouterTest, DecodesEscapesInAPath) { EXPECT_EQ(call("GET", "/%74hings").status, 200); }

TEST_F(RouterTest, AnIdThatIsNoneNamesNothing) {
    for (const auto* path : {"/things/1", "/things/..", "/things/", "/things/{id}", "/other", "/", "/things/%2e%2e"})
        EXPECT_EQ(call("GET", path).status, 404) << path;
    EXPECT_EQ(call("GET", "/things/" + id + "/stop/more").status, 404);
}

TEST_F(RouterTest, AnotherMethodIs405WithWhatIsAllowed) {
    const auto response = call("DELETE", "/things");

    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(header_of(response, "Allow"), "GET, HEAD, OPTIONS, POST");
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(header_of(call("GET", "/things/" + id + "/stop"), "Allow"), "OPTIONS, POST");
}

TEST_F(RouterTest, HeadIsAnsweredByGetAndOptionsByTheRouter) {
    EXPECT_EQ(call("HEAD", "/things").status, 200);
    EXPECT_EQ(call("OPTIONS", "/things").status, 204);
    EXPECT_EQ(header_of(call("OPTIONS", "/things"), "Allow"), "GET, HEAD, OPTIONS, POST");
}

TEST(Target, IsSplitIntoPathAndDecodedQuery) {
    Request request;
    ASSERT_TRUE(set_target(request, "/a/b?x=1%202&y=+&z&=&x=3"));

    EXPECT_EQ(request.path, "/a/b");
    using Pair = std::pair<std::string, std::string>;
    EXPECT_THAT(request.query,
                testing::ElementsAre(Pair{"x", "1 2"}, Pair{"y", " "}, Pair{"z", ""}, Pair{"", ""}, Pair{"x", "3"}));
}

TEST(Router, AFreeParameterIsAnyTextButNone) {
    Router router;
    router.add("GET", "/t/o/{token:text}", [](const Request&) { return text_response(200, ""); });
    Request request;
    request.method = "GET";
    request.path = "/t/o/AQ-_%20x";
    const auto match = router.match(request);
    ASSERT_TRUE(std::holds_alternative<const Route*>(match));
    EXPECT_EQ(request.path_parameters.at("token"), "AQ-_ x");
    EXPECT_EQ(answer(match, request).route, "/t/o/{token}");
    for (const auto* path : {"/t/o/", "/t/o", "/t/o/a/b"}) {
        request.path = path;
        EXPECT_TRUE(std::holds_alternative<NoSuchPath>(router.match(request))) << path;
    }
}

TEST(Router, ALateHandlerThatThrowsIsAnsweredAsAnyOther) {
    Router router;
    router.add_late("GET", "/late", [](const Request&, const Reply&) { throw std::runtime_error("secret"); });
    Request request;
    request.method = "GET";
    request.path = "/late";
    const auto match = router.match(request);
    std::vector<Response> answers;
    answer_late(*std::get<const Route*>(match), request, [&](Response response) { answers.push_back(response); });
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].status, 500);
    EXPECT_EQ(answers[0].route, "/late");
    EXPECT_EQ(answers[0].body.find("secret"), std::string::npos);
}

TEST(Target, MayBeAbsolute) {
    Request request;
    ASSERT_TRUE(set_target(request, "http://host:80/a?b=c"));
    EXPECT_EQ(request.path, "/a");
    ASSERT_TRUE(set_target(request, "http://host"));
    EXPECT_EQ(request.path, "/");
}

TEST(Target, RefusesBrokenOnes) {
    for (const auto* target : {"", "a", "/%", "/%4", "/%gg", "/%00", "/a#b", "/?a=%x", "//%0", "http:/x", "/a%"}) {
        Request request;
        EXPECT_FALSE(set_target(request, target)) << target;
    }
}

TEST(WireBytes, AreAsTheRfcWantsThem) {
    Response response = text_response(200, "hi");
    response.headers.emplace_back("Location", "/x");
    WireOptions options;
    options.request_id = "id";
    options.now = TimePoint{std::chrono::seconds{784'111'777}};

    EXPECT_EQ(wire_bytes(response, options), "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                                             "X-Request-Id: id\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                             "Content-Length: 2\r\nLocation: /x\r\n"
                                             "X-Content-Type-Options: nosniff\r\n\r\nhi");
}

TEST(WireBytes, AHeaderWithALineBreakIsABug) {
    Response response;
    response.headers.emplace_back("Location", "/x\r\nSet-Cookie: a=b");
    EXPECT_DEATH(wire_bytes(response, {}), "");
}

}  // namespace
}  // namespace sequitur::http
