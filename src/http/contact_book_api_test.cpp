#include "http/contact_book_api.hpp"

#include "http/api_calls_test.hpp"

namespace sequitur::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class FakeContactBook final : public domain::ContactBook {
public:
    std::optional<domain::ContactView> stored;
    std::optional<std::string> looked_for;
    std::optional<domain::ContactPatch> patched;
    std::optional<Removal> removed;

    std::vector<domain::ContactView> list(const std::optional<std::string>& email, std::optional<ContactId>,
                                          int) override {
        looked_for = email;
        return stored ? std::vector{*stored} : std::vector<domain::ContactView>{};
    }
    std::optional<domain::ContactView> find(const ContactId&) override { return stored; }
    std::optional<domain::ContactView> patch(const ContactId&, const domain::ContactPatch& patch) override {
        patched = patch;
        return stored;
    }
    std::optional<domain::StopReceipt> remove(const ContactId&, Removal removal) override {
        if (!stored) return std::nullopt;
        removed = removal;
        return domain::StopReceipt{"deleted", 0, 2, 0, 0, {}};
    }
};

class ContactBookApiTest : public testing::Test {
protected:
    ContactBookApiTest() {
        api.add_to(call.router);
        book.stored.emplace();
        book.stored->id = {uuid_of(1)};
        book.stored->email = "ana@acme.test";
        book.stored->first_name = "Ana";
        book.stored->attributes = R"({"plan":"pro"})";
        book.stored->status = "active";
    }
    FakeContactBook book;
    ContactBookApi api{book};
    ApiCalls call;
    const std::string path = "/api/v1/contacts";
    const std::string one = path + '/' + uuid_of(1).text();
};

TEST_F(ContactBookApiTest, ShowsAPerson) {
    const auto response = call("GET", one);

    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.body, HasSubstr(R"("email":"ana@acme.test","status":"active","first_name":"Ana",)"
                                         R"("last_name":null)"));
    EXPECT_THAT(response.body, HasSubstr(R"("attributes":{"plan":"pro"})"));
    book.stored.reset();
    EXPECT_EQ(call("GET", one).status, 404);
    EXPECT_EQ(call("PATCH", one, "{}").status, 404);
    EXPECT_EQ(call("DELETE", one).status, 404);
}

TEST_F(ContactBookApiTest, FindsAPersonByTheAddressInAnyCase) {
    EXPECT_EQ(call("GET", path + "?email=Ana@ACME.test").status, 200);
    EXPECT_EQ(book.looked_for, "ana@acme.test");
    EXPECT_EQ(errors_of(call("GET", path + "?email=ana")), std::vector<std::string>{"?email invalid_email"});
}

TEST_F(ContactBookApiTest, ChangesWhatIsGivenAndClearsWithAnEmptyText) {
    EXPECT_EQ(call("PATCH", one, R"({"company":"Acme","phone":"","attributes":{"plan":null}})").status, 200);

    EXPECT_EQ(book.patched->company, "Acme");
    EXPECT_EQ(book.patched->phone, "");
    EXPECT_EQ(book.patched->first_name, std::nullopt);
    EXPECT_EQ(book.patched->attributes, R"({"plan":null})");
}

TEST_F(ContactBookApiTest, NamesEverythingThatCanNotBeChanged) {
    const auto response =
        call("PATCH", one,
             R"({"email":"b@acme.test","first_name":"A\r\nBcc: x","timezone":"near here","company":null,"nick":1})");

    EXPECT_EQ(response.status, 422);
    EXPECT_THAT(errors_of(response), ElementsAre("/company wrong_type", "/email immutable", "/nick unknown_member",
                                                 "/first_name invalid_value", "/timezone invalid_value"));
    EXPECT_FALSE(book.patched);
}

TEST_F(ContactBookApiTest, DeletesWithAReceiptAndErasesWhereAsked) {
    EXPECT_EQ(call("DELETE", one).body,
              R"({"id":")" + uuid_of(1).text() +
                  R"(","status":"deleted","receipt":{"held":0,"cancelled":2,"rescheduled":0,"stopping":0,)"
                  R"("already_leaving":[]}})");
    EXPECT_EQ(book.removed, domain::ContactBook::Removal::deleted);
    call("DELETE", one + "?erase=true");
    EXPECT_EQ(book.removed, domain::ContactBook::Removal::erased);
    EXPECT_EQ(call("DELETE", one + "?erase=yes").status, 422);
}

}  // namespace
}  // namespace sequitur::http
