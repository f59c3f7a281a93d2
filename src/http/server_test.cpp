#include "http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <stdexcept>

#include "domain/ports/store_error.hpp"
#include "http/raw_client_test.hpp"

namespace sequitur::http {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

const std::string host = "Host: x\r\n";

std::string get(const std::string& path, const std::string& headers = {}) {
    return "GET " + path + " HTTP/1.1\r\n" + host + headers + "\r\n";
}
std::string post(const std::string& path, const std::string& body, const std::string& headers = {}) {
    return "POST " + path + " HTTP/1.1\r\n" + host + headers + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

class ServerTest : public testing::Test {
protected:
    ServerTest() {
        config.listen = "127.0.0.1:0";
        config.threads = 2;
        router.add("GET", "/hello", [](const Request&) { return text_response(200, "hello"); });
        router.add("POST", "/echo", [](const Request& request) { return text_response(200, request.body); });
        router.add("GET", "/boom", [](const Request&) -> Response { throw std::runtime_error{"secret detail"}; });
        router.add("GET", "/away", [](const Request&) -> Response { throw domain::StoreUnavailable{"secret host"}; });
        router.add("GET", "/alive", [](const Request&) { return text_response(200, "alive"); }, Runs::at_once);
        // Holds its thread until the test lets it go.
        router.add("GET", "/hold", [this](const Request&) {
            entered.release();
            released.wait();
            return text_response(200, "held");
        });
    }
    ~ServerTest() override { let_go(); }

    int port() {
        if (!server) server.emplace(config, router, clock, metrics);
        return server->port();
    }
    void let_go() {
        if (!released.try_wait()) released.count_down();
    }
    std::string ask(const std::string& bytes) {
        RawClient client{port()};
        client.send(bytes);
        client.end_sending();
        return client.rest();
    }

    struct Counted {  // a semaphore without a bound
        std::mutex mutex;
        std::condition_variable changed;
        int count = 0;
        void release() {
            const std::scoped_lock lock{mutex};
            ++count;
            changed.notify_all();
        }
        void wait_for(int wanted) {
            std::unique_lock lock{mutex};
            changed.wait(lock, [&] { return count >= wanted; });
        }
    } entered;
    std::latch released{1};
    ServerConfig config;
    Router router;
    SystemClock clock;
    metrics::Registry metrics;
    std::optional<Server> server;
};

TEST_F(ServerTest, AnswersARequest) {
    const auto answer = ask(get("/hello"));

    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("Content-Length: 5\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nhello"));
}

TEST_F(ServerTest, KeepsTheConnectionForTheNextRequest) {
    RawClient client{port()};

    client.send(get("/hello"));
    EXPECT_THAT(client.answer(), EndsWith("hello"));
    client.send(post("/echo", "again"));
    EXPECT_THAT(client.answer(), EndsWith("again"));
}

TEST_F(ServerTest, ClosesWhenTheClientWantsIt) {
    RawClient client{port()};

    client.send(get("/hello", "Connection: close\r\n"));

    EXPECT_THAT(client.rest(), HasSubstr("Connection: close\r\n"));
}

TEST_F(ServerTest, ClosesAfterHttp10UnlessAskedToKeep) {
    RawClient closing{port()};
    closing.send("GET /hello HTTP/1.0\r\n\r\n");
    EXPECT_THAT(closing.rest(), EndsWith("hello"));

    RawClient keeping{port()};
    keeping.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(keeping.answer(), HasSubstr("Connection: keep-alive\r\n"));
    keeping.send("GET /hello HTTP/1.0\r\n\r\n");
    EXPECT_THAT(keeping.rest(), EndsWith("hello"));
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
    const auto answers = ask(post("/echo", "first") + get("/hello") + post("/echo", "third"));

    const auto first = answers.find("first");
    const auto second = answers.find("hello", first);
    EXPECT_NE(answers.find("third", second), std::string::npos);
}

TEST_F(ServerTest, ReadsARequestThatComesByteByByte) {
    RawClient client{port()};

    for (const char byte : post("/echo", "slowly")) client.send({&byte, 1});

    EXPECT_THAT(client.answer(), EndsWith("slowly"));
}

TEST_F(ServerTest, ReadsAChunkedBody) {
    EXPECT_THAT(ask("POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
                EndsWith("hello"));
}

TEST_F(ServerTest, SendsContinueToAClientThatExpectsIt) {
    RawClient client{port()};

    client.send("POST /echo HTTP/1.1\r\n" + host + "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    EXPECT_EQ(client.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("body");

    EXPECT_THAT(client.answer(), EndsWith("body"));
}

TEST_F(ServerTest, HeadHasTheLengthWithoutTheBody) {
    const auto answer = ask("HEAD /hello HTTP/1.1\r\n" + host + "\r\n");

    EXPECT_THAT(answer, HasSubstr("Content-Length: 5\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(ServerTest, EchoesAHarmlessRequestIdAndMakesOneOtherwise) {
    EXPECT_THAT(ask(get("/hello", "X-Request-Id: abc-1\r\n")), HasSubstr("X-Request-Id: abc-1\r\n"));
    EXPECT_THAT(ask(get("/hello", "X-Request-Id: a b<script>\r\n")), Not(HasSubstr("script")));
    EXPECT_THAT(ask(get("/hello")), testing::ContainsRegex("X-Request-Id: [0-9a-f-]{36}\r\n"));
}

TEST_F(ServerTest, RefusesABodyThatSaysItIsTooLargeWithoutReadingIt) {
    RawClient client{port()};

    client.send("POST /echo HTTP/1.1\r\n" + host + "Content-Length: 10485761\r\n\r\n");

    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(ServerTest, TellsAClientThatIsStillSendingThatItsBodyIsTooLarge) {
    config.body_bytes_max = 100'000;
    RawClient client{port()};

    // A reset would fail the sending, and lose the answer.
    EXPECT_TRUE(client.send(post("/echo", std::string(20'000'000, 'x'))));
    client.end_sending();

    EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(ServerTest, RefusesAChunkedBodyThatGrowsTooLarge) {
    config.body_bytes_max = 10;
    EXPECT_THAT(ask("POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n8\r\n"),
                StartsWith("HTTP/1.1 413 "));
}

TEST_F(ServerTest, TakesABodyOfExactlyTheLimit) {
    config.body_bytes_max = 10;
    EXPECT_THAT(ask(post("/echo", "0123456789")), EndsWith("0123456789"));
    EXPECT_THAT(ask(post("/echo", "0123456789a")), StartsWith("HTTP/1.1 413 "));
}

TEST_F(ServerTest, RefusesAMillionHeaders) {
    RawClient client{port()};
    client.send("GET /hello HTTP/1.1\r\n" + host);
    for (int i = 0; i < 1'000'000 && client.send("a: b\r\n"); ++i) {}
    client.end_sending();

    EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 431 "));
}

TEST_F(ServerTest, RefusesAnEndlessStartLine) {
    EXPECT_THAT(ask("GET /" + std::string(1'000'000, 'a')), StartsWith("HTTP/1.1 414 "));
}

TEST_F(ServerTest, ARequestThatIsTooSlowGets408) {
    config.header_timeout = 20ms;
    config.body_timeout = 20ms;
    RawClient headers{port()};
    headers.send("GET /hello HTTP/1.1\r\nHo");
    EXPECT_THAT(headers.rest(), StartsWith("HTTP/1.1 408 "));

    RawClient body{port()};
    body.send("POST /echo HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\n12");
    const auto answer = body.rest();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 408 "));
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
}

TEST_F(ServerTest, AnIdleConnectionIsClosedWithoutAWord) {
    config.idle_timeout = 20ms;
    RawClient client{port()};
    client.send(get("/hello"));
    client.answer();

    EXPECT_THAT(client.rest(), IsEmpty());
}

TEST_F(ServerTest, AClientThatDoesNotReadItsAnswerIsGivenUp) {
    config.write_timeout = 20ms;
    router.add("GET", "/big", [](const Request&) { return text_response(200, std::string(50'000'000, 'x')); });
    RawClient client{port()};

    client.send(get("/big"));
    server->stop();  // returns only when the connection is gone

    EXPECT_LT(client.rest().size(), 50'000'000U);
}

TEST_F(ServerTest, RefusesWhatIsNotHttpOrReadableInTwoWays) {
    for (const std::string bytes : {
             "nonsense\r\n\r\n",
             "GET /hello\r\n\r\n",
             "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n",
             "GET /hello HTTP/1.1\r\n\r\n",                                     // no Host
             "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",               // two
             "GET /hello HTTP/1.1\nHost: a\n\n",                                // bare LF
             "GET /hello HTTP/1.1\r\nHost : a\r\n\r\n",                         // blank before the colon
             "GET hello HTTP/1.1\r\nHost: a\r\n\r\n",
             "GET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n",
             "GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n",
             "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
             "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
             "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
             "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
             "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
             "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
             "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
             "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         }) {
        EXPECT_THAT(ask(bytes), StartsWith("HTTP/1.1 400 ")) << bytes;
    }
}

TEST_F(ServerTest, RefusesCodingsItDoesNotKnow) {
    EXPECT_THAT(ask("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
                StartsWith("HTTP/1.1 501 "));
    EXPECT_THAT(ask(post("/echo", "x", "Content-Encoding: gzip\r\n")), StartsWith("HTTP/1.1 415 "));
    EXPECT_THAT(ask(post("/echo", "x", "Content-Encoding: identity\r\n")), StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(ask(get("/hello", "Expect: miracles\r\n")), StartsWith("HTTP/1.1 417 "));
}

TEST_F(ServerTest, NothingBehindARefusedRequestIsRead) {
    const auto answers = ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "0\r\n\r\n" +
                             get("/hello"));

    EXPECT_THAT(answers, Not(HasSubstr("hello")));
}

TEST_F(ServerTest, WhatAHandlerThrowsStaysInside) {
    const auto answer = ask(get("/boom"));

    EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
    EXPECT_THAT(answer, HasSubstr("application/problem+json"));
    EXPECT_THAT(answer, Not(HasSubstr("secret")));
}

TEST_F(ServerTest, AMissingDatabaseIs503WithRetryAfter) {
    const auto answer = ask(get("/away"));

    EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
    EXPECT_THAT(answer, HasSubstr("Retry-After: "));
    EXPECT_THAT(answer, Not(HasSubstr("secret")));
}

TEST_F(ServerTest, AFullQueueIs503ButTheProbesAnswer) {
    config.threads = 1;
    config.queue_max = 1;
    RawClient running{port()};
    running.send(get("/hold"));
    entered.wait_for(1);
    RawClient waiting{port()};
    waiting.send(get("/hold") + get("/alive"));
    // The queue is full once a third request is refused; until the second is read it may be taken.
    std::string third;
    RawClient other{port()};
    other.send(get("/alive"));
    other.answer();
    while (!third.starts_with("HTTP/1.1 503 ")) {
        other.send(get("/hold"));
        third = other.answer();
    }

    EXPECT_THAT(third, HasSubstr("Retry-After: "));
    EXPECT_THAT(ask(get("/alive")), EndsWith("alive"));
    let_go();
    EXPECT_THAT(running.answer(), EndsWith("held"));
}

TEST_F(ServerTest, MoreConnectionsThanAllowedAreTurnedAway) {
    config.connections_max = 1;
    RawClient first{port()};
    first.send(get("/hello"));
    first.answer();

    RawClient second{port()};

    EXPECT_THAT(second.rest(), StartsWith("HTTP/1.1 503 "));
}

TEST_F(ServerTest, StopAnswersWhatWasAskedAndClosesTheRest) {
    RawClient idle{port()};
    idle.send(get("/hello"));
    idle.answer();
    RawClient busy{port()};
    busy.send(get("/hold"));
    entered.wait_for(1);

    auto stopped = std::async(std::launch::async, [this] { server->stop(); });
    EXPECT_THAT(idle.rest(), IsEmpty());
    EXPECT_THROW(RawClient{server->port()}, std::runtime_error);
    let_go();

    const auto answer = busy.rest();
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(answer, EndsWith("held"));
    stopped.get();
    server->stop();  // harmless
}

TEST_F(ServerTest, StopDoesNotWaitForeverForHalfARequest) {
    config.drain_timeout = 20ms;
    RawClient client{port()};
    client.send(get("/hello"));
    client.answer();
    client.send("GET /hel");

    server->stop();

    EXPECT_THAT(client.rest(), Not(HasSubstr("200 OK")));
}

TEST_F(ServerTest, MeasuresByMethodRouteAndCode) {
    ask(get("/hello"));
    ask("BREW /pot HTTP/1.1\r\n" + host + "\r\n");
    server->stop();

    EXPECT_THAT(metrics.text(), HasSubstr("_count{method=\"GET\",route=\"/hello\",code=\"200\"} 1\n"));
    EXPECT_THAT(metrics.text(), HasSubstr("_count{method=\"other\",route=\"none\",code=\"404\"} 1\n"));
}

TEST(Server, SaysWhereItCanNotListen) {
    Router router;
    SystemClock clock;
    metrics::Registry metrics;
    ServerConfig config;
    config.listen = "127.0.0.1:0";
    Server first{config, router, clock, metrics};
    config.listen = "127.0.0.1:" + std::to_string(first.port());

    EXPECT_THROW((Server{config, router, clock, metrics}), std::runtime_error);
    config.listen = "nowhere";
    EXPECT_THROW((Server{config, router, clock, metrics}), std::runtime_error);
    config.threads = 0;
    EXPECT_THROW((Server{config, router, clock, metrics}), std::invalid_argument);
}

}  // namespace
}  // namespace sequitur::http
