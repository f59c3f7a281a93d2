#include "http/emails_api.hpp"

#include "http/api_calls_test.hpp"

namespace sequitur::http {
namespace {

class FakeEmails final : public domain::Emails {
public:
    std::optional<domain::EmailView> stored;
    std::optional<Cancelled> cancelled;

    std::optional<domain::EmailView> find(const EmailId&) override { return stored; }
    std::optional<Cancelled> cancel(const EmailId&) override { return cancelled; }
};

class EmailsApiTest : public testing::Test {
protected:
    EmailsApiTest() { api.add_to(call.router); }
    FakeEmails emails;
    EmailsApi api{emails};
    ApiCalls call;
    const std::string one = "/api/v1/emails/" + uuid_of(1).text();
};

TEST_F(EmailsApiTest, ShowsAnEmailWithWhatHappenedToIt) {
    domain::EmailView email;
    email.id = {uuid_of(1)};
    email.contact_email = "a@acme.test";
    email.status = "sent";
    email.sent_at = TimePoint{std::chrono::seconds{60}};
    email.events = {{"e1", "deferred", TimePoint{}, R"({"code":451})"}, {"e2", "sent", TimePoint{}, "{}"}};
    emails.stored = email;

    const auto body = body_of(call("GET", one));

    EXPECT_EQ(body.at("status"), "sent");
    EXPECT_EQ(body.at("sent_at"), "1970-01-01T00:01:00.000000Z");
    EXPECT_TRUE(body.at("reason").is_null());
    EXPECT_EQ(body.at("events").at(0).at("data").at("code"), 451);
    EXPECT_EQ(body.at("events").at(1).at("type"), "sent");
    emails.stored.reset();
    EXPECT_EQ(call("GET", one).status, 404);
}

TEST_F(EmailsApiTest, CancelsAnEmailUnlessItIsTooLate) {
    EXPECT_EQ(call("POST", one + "/cancel").status, 404);

    emails.cancelled = {{"sending", 0, 0, 0, 0, {{uuid_of(1)}}}, false};
    EXPECT_EQ(body_of(call("POST", one + "/cancel")).at("receipt").at("already_leaving").as_array().size(), 1U);

    emails.cancelled = {{"sent", 0, 0, 0, 0, {}}, true};
    EXPECT_EQ(call("POST", one + "/cancel").status, 409);
    EXPECT_EQ(code_of(call("POST", one + "/cancel")), "too-late");
}

}  // namespace
}  // namespace sequitur::http
