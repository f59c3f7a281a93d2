#include "http/sequences_api.hpp"

#include "domain/ports/store_error.hpp"
#include "http/api_calls_test.hpp"

namespace sequitur::http {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FakeSequences final : public domain::Sequences {
public:
    std::vector<domain::NewSequence> created;
    std::vector<MailboxId> known_mailboxes;
    std::vector<domain::SequenceView> stored;
    domain::StopReceipt stop_receipt;
    bool is_away = false;

    std::variant<SequenceId, domain::UnknownMailboxes> create(const domain::NewSequence& sequence) override {
        if (is_away) throw domain::StoreUnavailable("no connection to secret-host");
        if (auto unknown = unknown_of(sequence.mailbox_ids); !unknown.ids.empty()) return unknown;
        created.push_back(sequence);
        return SequenceId{uuid_of(1)};
    }
    std::optional<domain::SequenceView> find(const SequenceId& id) override {
        for (const auto& sequence : stored)
            if (sequence.id == id) return sequence;
        return std::nullopt;
    }
    std::vector<domain::SequenceView> list(std::optional<SequenceId> after, int limit) override {
        std::vector<domain::SequenceView> page;
        for (const auto& sequence : stored)
            if ((!after || sequence.id < *after) && static_cast<int>(page.size()) < limit) page.push_back(sequence);
        return page;
    }
    std::optional<std::variant<std::vector<MailboxId>, domain::UnknownMailboxes>>
    set_mailboxes(const SequenceId& id, const std::vector<MailboxId>& mailboxes) override {
        if (!find(id)) return std::nullopt;
        if (auto unknown = unknown_of(mailboxes); !unknown.ids.empty()) return unknown;
        return mailboxes;
    }
    std::optional<domain::StopReceipt> pause(const SequenceId& id) override {
        return find(id) ? std::optional{stop_receipt} : std::nullopt;
    }
    std::optional<domain::ResumeReceipt> activate(const SequenceId& id) override {
        return find(id) ? std::optional{domain::ResumeReceipt{"active", 4}} : std::nullopt;
    }

private:
    domain::UnknownMailboxes unknown_of(const std::vector<MailboxId>& asked) const {
        domain::UnknownMailboxes unknown;
        for (const auto& id : asked)
            if (std::ranges::find(known_mailboxes, id) == known_mailboxes.end()) unknown.ids.push_back(id);
        return unknown;
    }
};

domain::SequenceView view(int number) {
    domain::SequenceView sequence;
    sequence.id = {uuid_of(number)};
    sequence.name = "Q1";
    sequence.status = domain::SequenceStatus::active;
    sequence.steps = {{.id = {uuid_of(50)}, .step_order = 0, .subject = "Hi", .content = "<p>x</p>", .wait_days = 0}};
    sequence.enrollments = {{"active", 3}};
    return sequence;
}

class SequencesApiTest : public testing::Test {
protected:
    SequencesApiTest() { api.add_to(call.router); }
    FakeSequences sequences;
    SequencesApi api{sequences};
    ApiCalls call;
    const std::string path = "/api/v1/sequences";
    const std::string one = path + '/' + uuid_of(1).text();
};

// The request and the answer of the design document, to the letter.
TEST_F(SequencesApiTest, CreatesTheSequenceOfTheDesignDocument) {
    const auto response = call("POST", path, R"({ "name":"Q1 outreach",
        "steps":[ {"subject":"Hi {{first_name}}","content":"…","wait_days":0},
                  {"subject":"Following up","content":"…","wait_days":3} ],
        "open_tracking_enabled":true, "click_tracking_enabled":true })");

    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.body, R"({"id":")" + uuid_of(1).text() + R"(","name":"Q1 outreach","step_count":2})");
    EXPECT_EQ(header_of(response, "Location"), one);
    ASSERT_EQ(sequences.created.size(), 1U);
    EXPECT_EQ(sequences.created[0].status, domain::SequenceStatus::active);
    EXPECT_EQ(sequences.created[0].steps[1].wait_days, 3);
}

TEST_F(SequencesApiTest, TakesTheOptionalMembers) {
    sequences.known_mailboxes = {{uuid_of(7)}};
    const auto id = uuid_of(7).text();
    const auto response =
        call("POST", path,
             R"({"name":"x","status":"draft","open_tracking_enabled":false,"mailbox_ids":[")" + id + R"(",")" + id +
                 R"("],"steps":[{"subject":"a","content":"b","content_text":"c"},{"content":"d"}]})");

    EXPECT_EQ(response.status, 201);
    const auto& created = sequences.created.at(0);
    EXPECT_EQ(created.status, domain::SequenceStatus::draft);
    EXPECT_FALSE(created.open_tracking_enabled);
    EXPECT_TRUE(created.click_tracking_enabled);
    EXPECT_THAT(created.mailbox_ids, ElementsAre(MailboxId{uuid_of(7)}));
    EXPECT_EQ(created.steps[0].content_text, "c");
    EXPECT_EQ(created.steps[1].subject, "");
    EXPECT_EQ(created.steps[1].wait_days, std::nullopt);
}

TEST_F(SequencesApiTest, ReturnsTheWholeSequenceWhereItIsPreferred) {
    sequences.stored = {view(1)};
    call.headers.emplace_back("prefer", "return=representation");

    const auto response = call("POST", path, R"({"name":"x","steps":[{"subject":"a","content":"b"}]})");

    EXPECT_EQ(response.status, 201);
    EXPECT_TRUE(body_of(response).at("steps").is_array());
    EXPECT_EQ(header_of(response, "Preference-Applied"), "return=representation");
}

TEST_F(SequencesApiTest, NamesEveryProblemAtOnceAndWritesNothing) {
    const auto response = call("POST", path + "?dry=1",
                               R"({"status":"archived","stepps":[],"open_tracking_enabled":"yes",
        "mailbox_ids":["x"],"steps":[{"subject":"","content":7,"wait_day":3},
        {"subject":"{{frist_name}}","content":"x","wait_days":400}]})");

    EXPECT_EQ(response.status, 422);
    EXPECT_EQ(code_of(response), "validation");
    EXPECT_THAT(errors_of(response),
                testing::UnorderedElementsAre(
                    "/name required", "/status unknown_value", "/open_tracking_enabled wrong_type",
                    "/steps/0/content wrong_type", "/steps/0/wait_day unknown_member",
                    "/steps/1/wait_days out_of_range", "/mailbox_ids/0 not_an_id", "/stepps unknown_member",
                    "/steps/0/subject required", "/steps/1/subject template", "?dry unknown_parameter"));
    EXPECT_THAT(response.body, HasSubstr("did you mean `wait_days`?"));
    EXPECT_THAT(response.body, HasSubstr("did you mean `steps`?"));
    EXPECT_THAT(sequences.created, IsEmpty());
}

TEST_F(SequencesApiTest, Case89NamesPlaceAndNearestNameOfEveryTemplateError) {
    const auto response = call("POST", path, R"({"name":"x","steps":[
        {"subject":"{{frist_name}}","content":"<p>\n{% if compnay %}{{first_name|upcse}}",
         "content_text":"{a|{{b}}}"}]})");

    EXPECT_EQ(response.status, 422);
    EXPECT_THAT(errors_of(response),
                testing::UnorderedElementsAre("/steps/0/subject template", "/steps/0/content template",
                                              "/steps/0/content template", "/steps/0/content template",
                                              "/steps/0/content_text template"));
    EXPECT_THAT(response.body,
                HasSubstr("Line 1, column 1: unknown variable 'frist_name', did you mean 'first_name'?"));
    EXPECT_THAT(response.body, HasSubstr("Line 2, column 1: unknown variable 'compnay', did you mean 'company'?"));
    EXPECT_THAT(response.body, HasSubstr("Line 2, column 1: {% if %} ends with {% endif %}"));
    EXPECT_THAT(response.body, HasSubstr("Line 2, column 17: unknown filter 'upcse', did you mean 'upcase'?"));
    EXPECT_THAT(response.body, HasSubstr("Line 1, column 4: unknown variable 'b'"));
    EXPECT_THAT(sequences.created, IsEmpty());
}

TEST_F(SequencesApiTest, Case05RefusesASubjectOfMoreThanOneLine) {
    const auto response =
        call("POST", path, R"({"name":"x","steps":[{"subject":"a\r\nBcc: e@x.test","content":"b"}]})");

    EXPECT_EQ(response.status, 422);
    EXPECT_THAT(errors_of(response), ElementsAre("/steps/0/subject control_character"));
}

TEST_F(SequencesApiTest, AMissingListOfStepsIsOneProblem) {
    EXPECT_THAT(errors_of(call("POST", path, R"({"name":"x"})")), ElementsAre("/steps required"));
    EXPECT_THAT(errors_of(call("POST", path, R"({"name":"x","steps":{}})")), ElementsAre("/steps wrong_type"));
    EXPECT_THAT(errors_of(call("POST", path, R"({"name":"x","steps":[]})")), ElementsAre("/steps empty"));
    EXPECT_THAT(errors_of(call("POST", path, R"([])")), Contains(" wrong_type"));
}

TEST_F(SequencesApiTest, FiftyOneStepsAreTooMany) {
    std::string steps;
    for (int i = 0; i < 51; ++i) steps += std::string{i ? "," : ""} + R"({"subject":"a","content":"b"})";
    EXPECT_THAT(errors_of(call("POST", path, R"({"name":"x","steps":[)" + steps + "]}")),
                ElementsAre("/steps too_many"));
}

TEST_F(SequencesApiTest, NamesMailboxesThatDoNotExist) {
    sequences.known_mailboxes = {{uuid_of(7)}};
    const auto ids = R"(["00000000-0000-7000-8000-000000000007","00000000-0000-7000-8000-000000000008"])";

    const auto created = call(
        "POST", path, R"({"name":"x","steps":[{"subject":"a","content":"b"}],"mailbox_ids":)" + std::string{ids} + "}");
    EXPECT_EQ(created.status, 422);
    EXPECT_THAT(errors_of(created), ElementsAre("/mailbox_ids/1 unknown_mailbox"));

    sequences.stored = {view(1)};
    const auto set = call("PUT", one + "/mailboxes", R"({"mailbox_ids":)" + std::string{ids} + "}");
    EXPECT_EQ(set.status, 409);
    EXPECT_THAT(errors_of(set), ElementsAre("/mailbox_ids/1 unknown_mailbox"));
}

TEST_F(SequencesApiTest, AnUnreachableDatabaseIs503WithoutItsSecrets) {
    sequences.is_away = true;

    const auto response = call("POST", path, R"({"name":"x","steps":[{"subject":"a","content":"b"}]})");

    EXPECT_EQ(response.status, 503);
    EXPECT_NE(header_of(response, "Retry-After"), "");
    EXPECT_THAT(response.body, testing::Not(HasSubstr("secret-host")));
}

TEST_F(SequencesApiTest, ShowsASequence) {
    sequences.stored = {view(1)};

    const auto body = body_of(call("GET", one));

    EXPECT_EQ(body.at("status"), "active");
    EXPECT_EQ(body.at("step_count"), 1);
    EXPECT_EQ(body.at("steps").at(0).at("step_order"), 0);
    EXPECT_EQ(body.at("enrollments").at("active"), 3);
    EXPECT_EQ(body.at("created_at"), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(call("GET", path + '/' + uuid_of(2).text()).status, 404);
}

TEST_F(SequencesApiTest, ListsPageByPage) {
    sequences.stored = {view(3), view(2), view(1)};

    const auto first = call("GET", path + "?limit=2");
    const std::string cursor{body_of(first).at("next_cursor").as_string()};
    const auto second = body_of(call("GET", path + "?limit=2&cursor=" + cursor));

    EXPECT_EQ(body_of(first).at("items").as_array().size(), 2U);
    EXPECT_EQ(header_of(first, "Link"), "</api/v1/sequences?limit=2&cursor=" + cursor + ">; rel=\"next\"");
    EXPECT_EQ(second.at("items").as_array().size(), 1U);
    EXPECT_TRUE(second.at("next_cursor").is_null());
}

TEST_F(SequencesApiTest, RefusesParametersItDoesNotKnow) {
    const auto response = call("GET", path + "?limt=2&limit=0&limit=201&cursor=x");

    EXPECT_EQ(response.status, 422);
    EXPECT_THAT(errors_of(response), ElementsAre("?limit duplicate_parameter", "?limit out_of_range",
                                                 "?cursor not_an_id", "?limt unknown_parameter"));
    EXPECT_THAT(response.body, HasSubstr("did you mean `limit`?"));
}

TEST_F(SequencesApiTest, PauseAnswersWithItsReceipt) {
    sequences.stored = {view(1)};
    sequences.stop_receipt = {"paused", 3, 1, 2, 4, {{uuid_of(9)}}};

    const auto response = call("POST", one + "/pause");

    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(
        body_of(response),
        json::parse(R"({"id":"00000000-0000-7000-8000-000000000001","status":"paused","receipt":{"held":3,"cancelled":1,
        "rescheduled":2,"stopping":4,"already_leaving":["00000000-0000-7000-8000-000000000009"]}})"));
    EXPECT_EQ(call("POST", path + '/' + uuid_of(2).text() + "/pause").status, 404);
    EXPECT_EQ(call("POST", one + "/pause", R"({"x":1})").status, 422);
}

TEST_F(SequencesApiTest, ActivateTellsWhatGoesOn) {
    sequences.stored = {view(1)};

    EXPECT_EQ(body_of(call("POST", one + "/activate")).at("receipt").at("scheduled"), 4);
    EXPECT_EQ(call("POST", path + '/' + uuid_of(2).text() + "/activate").status, 404);
}

TEST_F(SequencesApiTest, SetsTheMailboxes) {
    sequences.stored = {view(1)};
    sequences.known_mailboxes = {{uuid_of(7)}};
    const auto id = uuid_of(7).text();

    const auto response = call("PUT", one + "/mailboxes", R"({"mailbox_ids":[")" + id + "\"]}");

    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(body_of(response).at("mailbox_ids"), json::array{id});
    EXPECT_EQ(call("PUT", one + "/mailboxes", R"({"mailbox_ids":[]})").status, 200);
    EXPECT_EQ(call("PUT", one + "/mailboxes", "{}").status, 422);
    EXPECT_EQ(call("PUT", path + '/' + uuid_of(2).text() + "/mailboxes", R"({"mailbox_ids":[]})").status, 404);
}

}  // namespace
}  // namespace sequitur::http
