#include "http/reports_api.hpp"

#include "http/api_calls_test.hpp"

namespace sequitur::http {
namespace {

using ::testing::ElementsAre;

struct FakeReports final : domain::Reports {
    std::optional<std::vector<domain::LinkClicks>> links(const SequenceId& sequence, int) override {
        return sequence.uuid == uuid_of(1) ? std::optional{clicks} : std::nullopt;
    }
    std::vector<domain::LinkClicks> clicks{
        {.step_order = 1, .link = 2, .url = "https://e.test", .human = 3, .proxy = 0, .machine = 4, .people = 2}};
};

struct ReportsApiTest : ::testing::Test {
    ReportsApiTest() { api.add_to(call.router); }
    FakeReports reports;
    ReportsApi api{reports};
    ApiCalls call;
};

TEST_F(ReportsApiTest, CountsTheClicksOfEachLinkAndTarget) {
    const auto response = call("GET", "/api/v1/reports/links?sequence_id=" + uuid_of(1).text());
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(body_of(response).at("items"), json::parse(R"([{"step_order":1,"link":2,"url":"https://e.test",
        "clicks":{"human":3,"proxy":0,"machine":4},"people":2}])"));
    EXPECT_TRUE(body_of(response).as_object().contains("definitions"));
}

TEST_F(ReportsApiTest, RefusesAQuestionWithoutASequence) {
    EXPECT_THAT(errors_of(call("GET", "/api/v1/reports/links")), ElementsAre("?sequence_id required"));
    EXPECT_EQ(call("GET", "/api/v1/reports/links?sequence_id=7").status, 422);
    EXPECT_EQ(call("GET", "/api/v1/reports/links?sequence_id=" + uuid_of(2).text()).status, 404);
}

}  // namespace
}  // namespace sequitur::http
