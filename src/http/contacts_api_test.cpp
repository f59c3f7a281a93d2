#include "http/contacts_api.hpp"

#include "http/api_calls_test.hpp"
#include "http/enrollments_api.hpp"

namespace sequitur::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FakeContacts final : public domain::Contacts {
public:
    std::variant<domain::Enrolled, domain::NoSuchSequence, domain::SequenceNotActive> answer = domain::Enrolled{};
    std::vector<std::string> offered;  ///< addresses of the last call
    std::vector<domain::NewContact> contacts;
    bool abort_on_skip = false;
    Page page;
    std::optional<SequenceId> filter;
    std::optional<EnrollmentId> after;
    int limit = 0;
    std::optional<Stopped> stopped;

    std::variant<domain::Enrolled, domain::NoSuchSequence, domain::SequenceNotActive>
    enrol(const SequenceId&, const std::vector<domain::Candidate>& candidates, bool abort) override {
        abort_on_skip = abort;
        for (const auto& candidate : candidates) {
            offered.push_back(candidate.email);
            contacts.push_back(*candidate.contact);
        }
        if (auto* enrolled = std::get_if<domain::Enrolled>(&answer))
            enrolled->contacts_added = static_cast<std::int64_t>(candidates.size() - enrolled->skipped.size());
        return answer;
    }
    Page enrollments(std::optional<SequenceId> sequence, std::optional<EnrollmentId> from, int count) override {
        filter = sequence;
        after = from;
        limit = count;
        return page;
    }
    std::optional<Stopped> stop_enrollment(const EnrollmentId&) override { return stopped; }
};

class ContactsApiTest : public testing::Test {
protected:
    ContactsApiTest() {
        api.add_to(call.router);
        enrollments_api.add_to(call.router);
    }
    Response add(const std::string& list, const std::string& query = {}) {
        return call("POST", path + query, R"({"contacts":)" + list + "}");
    }
    FakeContacts contacts;
    ContactsApi api{contacts};
    EnrollmentsApi enrollments_api{contacts};
    ApiCalls call;
    const std::string path = "/api/v1/sequences/" + uuid_of(1).text() + "/contacts";
};

// The request and the answer of the design document, to the letter.
TEST_F(ContactsApiTest, AddsTheContactsOfTheDesignDocument) {
    const auto response = add(R"([ {"email":"ana@acme.test","first_name":"Ana","last_name":"Li","company":"Acme"} ])");

    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.body, R"({"contacts_added":1})");
    EXPECT_THAT(contacts.offered, ElementsAre("ana@acme.test"));
    EXPECT_EQ(contacts.contacts[0].company, "Acme");
}

TEST_F(ContactsApiTest, TakesTheOptionalMembers) {
    const auto response = add(R"([{"email":"a@acme.test","phone":"+1","timezone":"Europe/Berlin","company":null,
        "attributes":{"role":"CTO","price":19.99,"seats":3,"vip":true,"note":null}}])");

    EXPECT_EQ(response.status, 201);
    const auto& contact = contacts.contacts.at(0);
    EXPECT_EQ(contact.phone, "+1");
    EXPECT_EQ(contact.company, std::nullopt);
    EXPECT_EQ(json::parse(contact.attributes).at("price").as_double(), 19.99);
}

TEST_F(ContactsApiTest, ListsWhoWasLeftOutByUsAndByTheDatabaseInOrder) {
    contacts.answer = domain::Enrolled{0, {{1, "old@acme.test", "already_enrolled", "Is in it."}}, false};

    const auto response =
        add(R"([{"email":"x@"},{"email":"old@acme.test"},{"email":"OLD@acme.test"},{"email":"new@acme.test"}])");

    EXPECT_EQ(response.status, 201);
    const auto body = body_of(response);
    EXPECT_EQ(body.at("contacts_added"), 1);
    EXPECT_EQ(body.at("contacts_skipped"), 3);
    std::vector<std::string> codes;
    for (const auto& skipped : body.at("skipped").as_array())
        codes.push_back(std::to_string(skipped.at("index").to_number<int>()) + ' ' +
                        std::string{skipped.at("code").as_string()});
    EXPECT_THAT(codes, ElementsAre("0 invalid_email", "1 already_enrolled", "2 duplicate_in_request"));
    EXPECT_EQ(body.at("skipped").at(0).at("email"), "x@");
}

TEST_F(ContactsApiTest, ListsAtMostAThousandOfThem) {
    std::string list;
    for (int i = 0; i < 1'500; ++i) list += std::string{i ? "," : ""} + R"({"email":"x"})";

    const auto body = body_of(add("[" + list + "]"));

    EXPECT_EQ(body.at("contacts_skipped"), 1'500);
    EXPECT_EQ(body.at("skipped").as_array().size(), 1'000U);
}

TEST_F(ContactsApiTest, TakesTenThousandAndNotOneMore) {
    std::string list = R"({"email":"a0@acme.test"})";
    for (int i = 1; i < 10'000; ++i) list += R"(,{"email":"a)" + std::to_string(i) + R"(@acme.test"})";
    EXPECT_EQ(body_of(add("[" + list + "]")).at("contacts_added"), 10'000);

    const auto response = add("[" + list + R"(,{"email":"b@acme.test"}])");
    EXPECT_EQ(response.status, 413);
    EXPECT_THAT(response.body, testing::HasSubstr("at most 10000 contacts"));
}

TEST_F(ContactsApiTest, AbortWritesNobodyWhereSomebodyIsLeftOut) {
    const auto response = add(R"([{"email":"ok@acme.test"},{"email":"x@"}])", "?on_error=abort");

    EXPECT_EQ(response.status, 422);
    EXPECT_THAT(errors_of(response), ElementsAre("/contacts/1 invalid_email"));
    EXPECT_THAT(contacts.offered, IsEmpty());
}

TEST_F(ContactsApiTest, AbortAlsoHoldsForWhatOnlyTheDatabaseKnows) {
    contacts.answer = domain::Enrolled{0, {{0, "a@acme.test", "suppressed", "Said no."}}, false};

    const auto response = add(R"([{"email":"a@acme.test"}])", "?on_error=abort");

    EXPECT_TRUE(contacts.abort_on_skip);
    EXPECT_EQ(response.status, 422);
    EXPECT_THAT(errors_of(response), ElementsAre("/contacts/0 suppressed"));
}

TEST_F(ContactsApiTest, AMissingSequenceIs404AndOneThatIsNotActive409) {
    contacts.answer = domain::NoSuchSequence{};
    EXPECT_EQ(add(R"([{"email":"a@acme.test"}])").status, 404);
    EXPECT_EQ(add(R"([{"email":"x@"}])", "?on_error=abort").status, 404);

    contacts.answer = domain::SequenceNotActive{"paused"};
    const auto response = add(R"([{"email":"a@acme.test"}])");
    EXPECT_EQ(response.status, 409);
    EXPECT_EQ(code_of(response), "sequence-not-active");
}

TEST_F(ContactsApiTest, NamesEveryProblemOfForm) {
    const auto response = add(
        R"([{"first_name":"x"},{"email":1,"fist_name":"y"},7,{"email":"a@acme.test","attributes":{"a":{},"b/c":[1]}}])",
        "?on_eror=skip&on_error=stop");

    EXPECT_EQ(response.status, 422);
    EXPECT_THAT(errors_of(response),
                ElementsAre("?on_error unknown_value", "?on_eror unknown_parameter", "/contacts/0/email required",
                            "/contacts/1/email wrong_type", "/contacts/1/fist_name unknown_member",
                            "/contacts/2 wrong_type", "/contacts/3/attributes/a wrong_type",
                            "/contacts/3/attributes/b~1c wrong_type"));
    EXPECT_THAT(contacts.offered, IsEmpty());
}

TEST_F(ContactsApiTest, AnEmptyListIsAMistake) {
    EXPECT_THAT(errors_of(add("[]")), ElementsAre("/contacts empty"));
    EXPECT_THAT(errors_of(call("POST", path, "{}")), ElementsAre("/contacts required"));
}

TEST_F(ContactsApiTest, ShowsEnrollmentsAsTheProtocolSaysIt) {
    domain::EnrollmentView view;
    view.id = {uuid_of(5)};
    view.email = "a@acme.test";
    view.status = "active";
    view.waiting_on = "wait_days";
    view.current_step = 1;
    view.mailbox_id = MailboxId{uuid_of(6)};
    view.emails = {{{uuid_of(7)}, 0, "sent"}};
    contacts.page = {{view}, EnrollmentId{uuid_of(5)}};

    const auto response = call("GET", "/api/v1/enrollments?sequence_id=" + uuid_of(1).text() + "&limit=1");

    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(
        body_of(response),
        json::parse(R"({"items":[{"id":"00000000-0000-7000-8000-000000000005","email":"a@acme.test","status":"active",
        "reason":null,"waiting_on":"wait_days","current_step":1,"mailbox_id":"00000000-0000-7000-8000-000000000006",
        "next_send_at":null,"emails":[{"id":"00000000-0000-7000-8000-000000000007","step_order":0,"status":"sent"}]}],
        "next_cursor":"00000000-0000-7000-8000-000000000005"})"));
    EXPECT_EQ(contacts.filter, SequenceId{uuid_of(1)});
    EXPECT_EQ(contacts.limit, 1);
    EXPECT_THAT(header_of(response, "Link"),
                testing::HasSubstr("sequence_id=" + uuid_of(1).text() + "&limit=1&cursor="));
}

TEST_F(ContactsApiTest, EnrollmentsGoOnBehindTheCursor) {
    EXPECT_EQ(call("GET", "/api/v1/enrollments?cursor=" + uuid_of(5).text()).status, 200);
    EXPECT_EQ(contacts.after, EnrollmentId{uuid_of(5)});
    EXPECT_EQ(contacts.limit, 50);
    EXPECT_EQ(call("GET", "/api/v1/enrollments?sequence_id=7").status, 422);
}

TEST_F(ContactsApiTest, StopsAnEnrollmentOnce) {
    const auto stop = "/api/v1/enrollments/" + uuid_of(5).text() + "/stop";
    EXPECT_EQ(call("POST", stop).status, 404);

    contacts.stopped = {{"stopped", 0, 1, 0, 0, {}}, false};
    EXPECT_EQ(body_of(call("POST", stop)).at("receipt").at("cancelled"), 1);

    contacts.stopped = {{"completed", 0, 0, 0, 0, {}}, true};
    EXPECT_EQ(call("POST", stop).status, 409);
    EXPECT_EQ(code_of(call("POST", stop)), "enrollment-over");
}

}  // namespace
}  // namespace sequitur::http
