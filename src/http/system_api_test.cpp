#include "http/system_api.hpp"

#include <stdexcept>

#include "http/api_calls_test.hpp"

namespace sequitur::http {
namespace {

using testing::HasSubstr;

class SystemApiTest : public testing::Test {
protected:
    SystemApiTest() { api.add_to(call.router); }
    std::optional<std::string> database_fails;
    metrics::Registry metrics;
    SystemApi api{
        metrics,
        {{"database", [this] { return database_fails; }}, {"bus", [] { return std::optional<std::string>{}; }}},
        {"0.1.0", "abc"}};
    ApiCalls call;
};

TEST_F(SystemApiTest, IsReadyWhenEveryCheckSaysSo) {
    const auto response = call("GET", "/readyz");

    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(body_of(response).at("status"), "ready");
}

TEST_F(SystemApiTest, SaysWhichCheckFails) {
    database_fails = "no answer";

    const auto response = call("GET", "/readyz");

    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(
        body_of(response).at("checks"),
        json::parse(R"([{"name":"database","ok":false,"detail":"no answer"},{"name":"bus","ok":true,"detail":null}])"));
}

TEST_F(SystemApiTest, ACheckThatThrowsFails) {
    SystemApi throwing{
        metrics, {{"x", []() -> std::optional<std::string> { throw std::runtime_error{"broken"}; }}}, {"0.1.0", "abc"}};
    ApiCalls other;
    throwing.add_to(other.router);

    EXPECT_EQ(other("GET", "/readyz").status, 503);
}

TEST_F(SystemApiTest, IsUnreadyAtOnceWhenItDrainsButAlive) {
    api.begin_drain();

    EXPECT_EQ(call("GET", "/readyz").status, 503);
    EXPECT_EQ(call("GET", "/livez").status, 200);
}

TEST_F(SystemApiTest, ShowsMetricsAndVersion) {
    const auto response = call("GET", "/metrics");

    EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_THAT(response.body, HasSubstr("sequitur_build_info{version=\"0.1.0\",commit=\"abc\"} 1\n"));
    EXPECT_EQ(body_of(call("GET", "/version")).at("version"), "0.1.0");
}

}  // namespace
}  // namespace sequitur::http
