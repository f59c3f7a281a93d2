#include "http/mailboxes_api.hpp"

#include "http/api_calls_test.hpp"
#include "http/mailbox_json.hpp"

namespace sequitur::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

class FakeMailboxes final : public domain::Mailboxes {
public:
    std::vector<domain::NewMailbox> created;
    std::optional<domain::MailboxPatch> patched;
    std::optional<domain::MailboxView> stored;
    std::string paused_for;
    bool email_taken = false;
    bool zone_unknown = false;

    std::variant<domain::MailboxView, domain::EmailTaken, domain::UnknownTimezone>
    create(const domain::NewMailbox& mailbox) override {
        if (email_taken) return domain::EmailTaken{};
        if (zone_unknown) return domain::UnknownTimezone{};
        created.push_back(mailbox);
        domain::MailboxView view;
        view.id = {uuid_of(1)};
        view.email = mailbox.email;
        view.has_password = mailbox.smtp_password.has_value();
        return view;
    }
    std::vector<domain::MailboxView> list(std::optional<MailboxId>, int) override {
        return stored ? std::vector{*stored} : std::vector<domain::MailboxView>{};
    }
    std::optional<domain::MailboxView> find(const MailboxId&) override { return stored; }
    std::optional<std::variant<domain::MailboxView, domain::UnknownTimezone>>
    patch(const MailboxId&, const domain::MailboxPatch& patch) override {
        if (zone_unknown) return domain::UnknownTimezone{};
        patched = patch;
        return *stored;
    }
    std::optional<domain::StopReceipt> pause(const MailboxId&, const std::string& reason) override {
        paused_for = reason;
        return stored ? std::optional{domain::StopReceipt{"paused", 0, 0, 5, 1, {}}} : std::nullopt;
    }
    std::optional<domain::ResumeReceipt> resume(const MailboxId&) override {
        return stored ? std::optional{domain::ResumeReceipt{"active", 0}} : std::nullopt;
    }
};

class MailboxesApiTest : public testing::Test {
protected:
    MailboxesApiTest() { api.add_to(call.router); }
    FakeMailboxes mailboxes;
    MailboxesApi api{mailboxes, {"relay.lan"}};
    ApiCalls call;
    const std::string path = "/api/v1/mailboxes";
    const std::string one = path + '/' + uuid_of(1).text();
};

domain::MailboxView stored_mailbox() {
    domain::MailboxView view;
    view.id = {uuid_of(1)};
    view.email = "me@acme.test";
    view.status = "active";
    view.smtp_host = "smtp.acme.test";
    view.smtp_port = 465;
    view.tls = "implicit";
    return view;
}

TEST_F(MailboxesApiTest, RefusesAReplyToThatOnlySomeServersCarry) {
    EXPECT_THAT(errors_of(call("POST", path, R"({"email":"a@b.test","smtp_host":"h.test",
        "reply_to":"jörg@b.test"})")),
                ElementsAre("/reply_to not_ascii"));
}

TEST_F(MailboxesApiTest, CreatesOneWithDefaults) {
    const auto response = call("POST", path, R"({"email":"Me@Acme.test","smtp_host":"smtp.acme.test"})");

    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(header_of(response, "Location"), one);
    const auto& mailbox = mailboxes.created.at(0);
    EXPECT_EQ(mailbox.email, "me@acme.test");
    EXPECT_EQ(mailbox.daily_capacity, 30);
    EXPECT_EQ(mailbox.tls, "implicit");
    EXPECT_EQ(mailbox.smtp_port, 465);
    EXPECT_EQ(mailbox.min_gap_seconds, 60);
    EXPECT_EQ(mailbox.timezone, "UTC");
}

TEST_F(MailboxesApiTest, ThePortFollowsTheTlsModeUnlessItIsGiven) {
    call("POST", path, R"({"email":"a@acme.test","smtp_host":"h.test","tls":"starttls"})");
    call("POST", path, R"({"email":"a@acme.test","smtp_host":"127.0.0.1","tls":"none"})");
    call("POST", path, R"({"email":"a@acme.test","smtp_host":"h.test","smtp_port":2465})");

    ASSERT_EQ(mailboxes.created.size(), 3U);
    EXPECT_EQ(mailboxes.created[0].smtp_port, 587);
    EXPECT_EQ(mailboxes.created[1].smtp_port, 25);
    EXPECT_EQ(mailboxes.created[2].smtp_port, 2465);
}

TEST_F(MailboxesApiTest, ThePasswordGoesInAndNeverComesOut) {
    const auto response = call(
        "POST", path, R"({"email":"a@acme.test","smtp_host":"h.test","smtp_username":"me","smtp_password":"hunter2"})");

    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(mailboxes.created.at(0).smtp_password->reveal(), "hunter2");
    EXPECT_THAT(response.body, Not(HasSubstr("hunter2")));
    EXPECT_THAT(response.body, HasSubstr("\"has_password\":true"));
}

TEST_F(MailboxesApiTest, APasswordIsNotInAProblemEither) {
    const auto response =
        call("POST", path, R"({"email":"x","smtp_host":"h.test","smtp_username":"me","smtp_password":"hunter2\n"})");

    EXPECT_EQ(response.status, 422);
    EXPECT_THAT(response.body, Not(HasSubstr("hunter2")));
}

TEST_F(MailboxesApiTest, NamesEveryProblem) {
    const auto response = call("POST", path, R"({"email":"x@","from_name":"a\r\nBcc: b","daily_capacity":-1,
        "smtp_host":"h:25/x","smtp_port":0,"tls":"ssl","min_gap_seconds":86401,"timezone":"","provider":7,"imap":1})");

    EXPECT_EQ(response.status, 422);
    EXPECT_THAT(errors_of(response),
                UnorderedElementsAre("/email invalid_email", "/from_name control_character",
                                     "/daily_capacity out_of_range", "/smtp_host not_a_host", "/smtp_port out_of_range",
                                     "/tls unknown_value", "/min_gap_seconds out_of_range", "/timezone empty",
                                     "/provider wrong_type", "/imap unknown_member"));
    EXPECT_THAT(mailboxes.created, IsEmpty());
    EXPECT_THAT(errors_of(call("POST", path, "{}")), ElementsAre("/email required", "/smtp_host required"));
}

TEST_F(MailboxesApiTest, ALoginNeedsBothParts) {
    EXPECT_THAT(errors_of(call("POST", path, R"({"email":"a@b.test","smtp_host":"h.test","smtp_username":"me"})")),
                ElementsAre("/smtp_password required"));
    EXPECT_THAT(errors_of(call("POST", path, R"({"email":"a@b.test","smtp_host":"h.test","smtp_password":"x"})")),
                ElementsAre("/smtp_username required"));
}

TEST_F(MailboxesApiTest, ATokenLoginNeedsAProviderAClientAndATokenAndTellsNone) {
    const auto response = call("POST", path, R"({"email":"a@b.test","smtp_host":"h.test","auth":"oauth2",
        "oauth_provider":"google","oauth_client_id":"id","oauth_client_secret":"s3cret","oauth_refresh_token":"r3fresh",
        "ehlo_name":"out.b.test","dsn":true,"reply_to":"Sales@B.test"})");

    ASSERT_EQ(response.status, 201) << response.body;
    const auto& choices = mailboxes.created.at(0).choices;
    EXPECT_EQ(choices.auth, "oauth2");
    EXPECT_EQ(choices.oauth_refresh_token->reveal(), "r3fresh");
    EXPECT_EQ(choices.ehlo_name, "out.b.test");
    EXPECT_EQ(choices.dsn, true);
    EXPECT_EQ(choices.reply_to, "sales@b.test");
    EXPECT_THAT(response.body, Not(HasSubstr("s3cret")));
    EXPECT_THAT(response.body, Not(HasSubstr("r3fresh")));

    EXPECT_THAT(errors_of(call("POST", path, R"({"email":"a@b.test","smtp_host":"h.test","auth":"oauth2",
        "oauth_provider":"custom"})")),
                UnorderedElementsAre("/oauth_token_url required", "/oauth_client_id required",
                                     "/oauth_refresh_token required"));
    EXPECT_THAT(errors_of(call("POST", path, R"({"email":"a@b.test","smtp_host":"h.test",
        "oauth_token_url":"http://t.test","ehlo_name":"a b","reply_to":"x","auth":"ntlm","dsn":1})")),
                UnorderedElementsAre("/oauth_token_url not_https", "/ehlo_name not_a_host", "/reply_to invalid_email",
                                     "/auth unknown_value", "/dsn wrong_type"));
    EXPECT_THAT(errors_of(call("POST", path, R"({"email":"a@b.test","smtp_host":"h.test","auth":"cram_md5"})")),
                ElementsAre("/smtp_username required"));
}

TEST_F(MailboxesApiTest, AChangeOfTheLoginLooksAtWhatIsThereAlready) {
    mailboxes.stored = stored_mailbox();
    mailboxes.stored->auth = "password";
    mailboxes.stored->oauth_client_id = "id";
    mailboxes.stored->has_oauth_refresh_token = true;

    EXPECT_THAT(errors_of(call("PATCH", one, R"({"auth":"oauth2"})")), ElementsAre("/oauth_provider required"));
    EXPECT_EQ(call("PATCH", one, R"({"auth":"oauth2","oauth_provider":"microsoft"})").status, 200);
    EXPECT_TRUE(mailboxes.patched->choices.changes_connection());
}

TEST_F(MailboxesApiTest, SaysWhatAPersonCanDoAboutARest) {
    mailboxes.stored = stored_mailbox();
    mailboxes.stored->state_reason = "auth_failed";

    EXPECT_THAT(call("GET", one).body, HasSubstr(R"("remedy":"Correct the user and the password)"));
    mailboxes.stored->state_reason = "on holiday";
    EXPECT_THAT(call("GET", one).body, HasSubstr(R"("remedy":null)"));
}

TEST_F(MailboxesApiTest, PlaintextIsForLoopbackAndNamedHosts) {
    for (const std::string host : {"localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]", "LOCALHOST", "relay.lan"})
        EXPECT_EQ(call("POST", path, R"({"email":"a@b.test","tls":"none","smtp_host":")" + host + "\"}").status, 201)
            << host;
    for (const std::string host : {"smtp.acme.test", "127.evil.test", "128.0.0.1", "127.0.0.1.evil.test", "10.0.0.1"}) {
        const auto response = call("POST", path, R"({"email":"a@b.test","tls":"none","smtp_host":")" + host + "\"}");
        EXPECT_EQ(response.status, 422) << host;
        EXPECT_THAT(errors_of(response), ElementsAre("/tls plaintext_refused"));
        EXPECT_THAT(response.body, HasSubstr("smtp.plaintext_hosts"));
    }
}

TEST_F(MailboxesApiTest, ATakenAddressIs409AndAnUnknownZone422) {
    const auto body = R"({"email":"a@b.test","smtp_host":"h.test","timezone":"Mars/Base"})";
    mailboxes.email_taken = true;
    EXPECT_EQ(call("POST", path, body).status, 409);
    EXPECT_EQ(code_of(call("POST", path, body)), "email-exists");

    mailboxes.email_taken = false;
    mailboxes.zone_unknown = true;
    EXPECT_THAT(errors_of(call("POST", path, body)), ElementsAre("/timezone unknown_timezone"));
}

TEST_F(MailboxesApiTest, ShowsWhatAMailboxDoesToday) {
    mailboxes.stored = stored_mailbox();
    mailboxes.stored->sent_today = 7;
    mailboxes.stored->state_reason = "auth_failed";

    const auto body = body_of(call("GET", one));

    EXPECT_EQ(body.at("sent_today"), 7);
    EXPECT_EQ(body.at("state_reason"), "auth_failed");
    EXPECT_FALSE(body.as_object().contains("smtp_password"));
    EXPECT_EQ(body_of(call("GET", path)).at("items").as_array().size(), 1U);
    mailboxes.stored.reset();
    EXPECT_EQ(call("GET", one).status, 404);
}

TEST_F(MailboxesApiTest, PatchChangesWhatIsThere) {
    mailboxes.stored = stored_mailbox();

    const auto response = call("PATCH", one, R"({"daily_capacity":0,"smtp_username":""})");

    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(mailboxes.patched->daily_capacity, 0);
    EXPECT_EQ(mailboxes.patched->smtp_username, "");
    EXPECT_EQ(mailboxes.patched->smtp_host, std::nullopt);
}

TEST_F(MailboxesApiTest, PatchKeepsTheAddressAndTheRules) {
    mailboxes.stored = stored_mailbox();
    EXPECT_THAT(errors_of(call("PATCH", one, R"({"email":"b@c.test","from_name":null,"tls":"none"})")),
                UnorderedElementsAre("/email immutable", "/from_name wrong_type", "/tls plaintext_refused"));

    mailboxes.stored->tls = "none";
    mailboxes.stored->smtp_host = "127.0.0.1";
    EXPECT_THAT(errors_of(call("PATCH", one, R"({"smtp_host":"smtp.acme.test"})")),
                ElementsAre("/tls plaintext_refused"));
    EXPECT_FALSE(mailboxes.patched);
    EXPECT_EQ(call("PATCH", one, R"({"smtp_host":"smtp.acme.test","tls":"starttls"})").status, 200);

    mailboxes.zone_unknown = true;
    EXPECT_THAT(errors_of(call("PATCH", one, R"({"timezone":"Mars/Base"})")),
                ElementsAre("/timezone unknown_timezone"));
    mailboxes.stored.reset();
    EXPECT_EQ(call("PATCH", one, "{}").status, 404);
}

TEST_F(MailboxesApiTest, PausesWithAReasonAndResumes) {
    EXPECT_EQ(call("POST", one + "/pause").status, 404);
    EXPECT_EQ(call("POST", one + "/resume").status, 404);
    mailboxes.stored = stored_mailbox();

    EXPECT_EQ(body_of(call("POST", one + "/pause", R"({"reason":"holiday"})")).at("receipt").at("rescheduled"), 5);
    EXPECT_EQ(mailboxes.paused_for, "holiday");
    call("POST", one + "/pause");
    EXPECT_EQ(mailboxes.paused_for, "manual");
    EXPECT_EQ(call("POST", one + "/pause", R"({"reson":"x"})").status, 422);
    EXPECT_EQ(body_of(call("POST", one + "/resume")).at("status"), "active");
}

std::vector<std::string> warnings_with(const std::string& public_url, const std::string& smtp_host) {
    FakeMailboxes mailboxes;
    mailboxes.stored = stored_mailbox();
    mailboxes.stored->smtp_host = smtp_host;
    MailboxesApi api{mailboxes, {}, {.public_url = public_url, .listen = "127.0.0.1:8080"}};
    ApiCalls call;
    api.add_to(call.router);
    std::vector<std::string> codes;
    const auto body = body_of(call("GET", "/api/v1/mailboxes/" + uuid_of(1).text()));
    for (const auto& warning : body.as_object().at("warnings").as_array())
        codes.emplace_back(warning.as_object().at("code").as_string());
    return codes;
}

TEST(MailboxWarnings, SayWhenNoOptOutLinkCanBeMade) {
    EXPECT_THAT(warnings_with("", "smtp.acme.test"), ElementsAre("no_opt_out_link", "no_tracking"));
    EXPECT_THAT(warnings_with("", "127.0.0.1"), IsEmpty());
    EXPECT_THAT(warnings_with("https://go.acme.test", "smtp.acme.test"), IsEmpty());
    EXPECT_THAT(warnings_with("http://go.acme.test", "smtp.acme.test"), ElementsAre("no_one_click"));
}

}  // namespace
}  // namespace sequitur::http
