#include "http/suppressions_api.hpp"

#include "http/api_calls_test.hpp"

namespace sequitur::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class FakeSuppressions final : public domain::Suppressions {
public:
    std::vector<domain::NewSuppression> added;
    std::optional<domain::SuppressionView> stored;
    std::string checked;
    Removed removal = Removed::gone;
    bool forced = false;
    std::optional<std::string> why;
    std::optional<std::string> listed_reason;

    Added add(const std::vector<domain::NewSuppression>& suppressions) override {
        added = suppressions;
        Added done{.added = static_cast<std::int64_t>(suppressions.size()), .skipped = 0, .receipt = {}};
        done.receipt.cancelled = 3;
        done.receipt.already_leaving = {EmailId{uuid_of(9)}};
        return done;
    }
    std::vector<domain::SuppressionView> list(std::optional<std::string> reason, std::optional<SuppressionId>,
                                              int) override {
        listed_reason = reason;
        return stored ? std::vector{*stored} : std::vector<domain::SuppressionView>{};
    }
    std::optional<domain::SuppressionView> find(const SuppressionId&) override { return stored; }
    std::optional<domain::SuppressionView> check(const std::string& address) override {
        checked = address;
        return stored;
    }
    Removed remove(const SuppressionId&, bool force, const std::optional<std::string>& reason) override {
        forced = force;
        why = reason;
        return removal;
    }
};

class SuppressionsApiTest : public testing::Test {
protected:
    SuppressionsApiTest() { api.add_to(call.router); }
    FakeSuppressions suppressions;
    SuppressionsApi api{suppressions};
    ApiCalls call;
    const std::string path = "/api/v1/suppressions";
    const std::string one = path + '/' + uuid_of(1).text();
};

domain::SuppressionView stored_entry() {
    domain::SuppressionView view;
    view.id = {uuid_of(1)};
    view.kind = "email";
    view.value = "ana@acme.test";
    view.reason = "unsubscribed";
    view.email = EmailId{uuid_of(2)};
    return view;
}

TEST_F(SuppressionsApiTest, AddsOneEntryAndAnswersWithTheReceipt) {
    const auto response = call("POST", path, R"({"value":" Ana@Acme.TEST ","note":"by phone"})");

    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(suppressions.added.at(0).what, (domain::Suppressed{"email", "ana@acme.test"}));
    EXPECT_EQ(suppressions.added.at(0).reason, "manual");
    EXPECT_EQ(suppressions.added.at(0).note, "by phone");
    EXPECT_EQ(response.body, R"({"added":1,"skipped":0,"receipt":{"held":0,"cancelled":3,"rescheduled":0,"stopping":0,)"
                             R"("already_leaving":[")" +
                                 uuid_of(9).text() + R"("]}})");
}

TEST_F(SuppressionsApiTest, AddsAListOfAddressesAndDomains) {
    call("POST", path, R"([{"value":"ACME.test","reason":"import"},{"value":"a@b.test","reason":"complained"}])");

    ASSERT_EQ(suppressions.added.size(), 2U);
    EXPECT_EQ(suppressions.added[0].what, (domain::Suppressed{"domain", "acme.test"}));
    EXPECT_EQ(suppressions.added[0].reason, "import");
    EXPECT_EQ(suppressions.added[1].reason, "complained");
}

TEST_F(SuppressionsApiTest, NamesEverythingThatIsWrongAndAddsNothing) {
    const auto response =
        call("POST", path, R"([{"value":"nobody"},{"reason":"rude"},{"value":"a@b.test","vaule":1}])");

    EXPECT_EQ(response.status, 422);
    EXPECT_THAT(errors_of(response), ElementsAre("/0/value invalid_value", "/1/value required",
                                                 "/1/reason unknown_value", "/2/vaule unknown_member"));
    EXPECT_EQ(errors_of(call("POST", path, "[]")), std::vector<std::string>{" empty"});
    EXPECT_TRUE(suppressions.added.empty());
}

TEST_F(SuppressionsApiTest, RefusesALongListWithTheRemedy) {
    std::string body = "[";
    for (std::size_t i = 0; i <= domain::suppressions_added_max; ++i) body += i == 0 ? "{}" : ",{}";
    const auto response = call("POST", path, body + "]");

    EXPECT_EQ(response.status, 413);
    EXPECT_EQ(code_of(response), "too-many-suppressions");
}

TEST_F(SuppressionsApiTest, ListsAndShowsEntries) {
    suppressions.stored = stored_entry();

    const auto list = call("GET", path + "?reason=unsubscribed");
    const auto shown = call("GET", one);

    EXPECT_EQ(suppressions.listed_reason, "unsubscribed");
    EXPECT_THAT(list.body, HasSubstr(R"("value":"ana@acme.test","reason":"unsubscribed","note":null,"email_id":")" +
                                     uuid_of(2).text()));
    EXPECT_EQ(shown.status, 200);
    suppressions.stored.reset();
    EXPECT_EQ(call("GET", one).status, 404);
    EXPECT_EQ(errors_of(call("GET", path + "?reason=rude")), std::vector<std::string>{"?reason unknown_value"});
}

TEST_F(SuppressionsApiTest, ChecksAnAddressInItsNormalForm) {
    EXPECT_EQ(call("GET", path + "/check?email=A.B%2Bc@EX.test").body, R"({"suppressed":false,"by":null})");
    EXPECT_EQ(suppressions.checked, "a.b+c@ex.test");
    suppressions.stored = stored_entry();
    EXPECT_THAT(call("GET", path + "/check?email=ana@acme.test").body, HasSubstr(R"({"suppressed":true,"by":{"id")"));
    EXPECT_EQ(errors_of(call("GET", path + "/check")), std::vector<std::string>{"?email required"});
    EXPECT_EQ(errors_of(call("GET", path + "/check?email=x")), std::vector<std::string>{"?email invalid_email"});
}

TEST_F(SuppressionsApiTest, RemovesAnEntryAndProtectsWhatAPersonSaid) {
    EXPECT_EQ(call("DELETE", one).status, 204);
    EXPECT_FALSE(suppressions.forced);
    suppressions.removal = domain::Suppressions::Removed::needs_force;
    const auto refused = call("DELETE", one);
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(code_of(refused), "suppression-protected");
    suppressions.removal = domain::Suppressions::Removed::no_such;
    EXPECT_EQ(call("DELETE", one).status, 404);
}

TEST_F(SuppressionsApiTest, AForceOrAReasonRemovesAProtectedOne) {
    EXPECT_EQ(call("DELETE", one + "?force=true").status, 204);
    EXPECT_TRUE(suppressions.forced);
    EXPECT_EQ(call("DELETE", one + "?reason=asked%20for%20mail%20again").status, 204);
    EXPECT_TRUE(suppressions.forced);
    EXPECT_EQ(suppressions.why, "asked for mail again");
    EXPECT_EQ(errors_of(call("DELETE", one + "?reason=%20")), std::vector<std::string>{"?reason not_a_line"});
}

}  // namespace
}  // namespace sequitur::http
