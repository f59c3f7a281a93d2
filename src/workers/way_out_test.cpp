// What every mail carries so that people get out: the link, the footer, and the URL of List-Unsubscribe.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_email_queue.hpp"
#include "workers/letters.hpp"

namespace sequitur::workers {
namespace {

using testing::HasSubstr;
using testing::Not;

class FakeTokens final : public domain::LinkTokens {
public:
    std::string sign(const domain::LinkToken& token) const override {
        return static_cast<char>(token.purpose) + token.email.text();
    }
    std::optional<domain::LinkToken> read(domain::LinkPurpose, std::string_view) const override { return std::nullopt; }
};

class FakeAccounts final : public domain::Accounts {
public:
    std::string host = "smtp.acme.test";
    std::string tracking_host;

    std::vector<domain::SenderAccount> load(const std::vector<MailboxId>& mailboxes) override {
        domain::SmtpAccount smtp;
        smtp.mailbox = mailboxes.at(0);
        smtp.address = "me@acme.test";
        smtp.host = host;
        domain::SenderAccount account;
        account.smtp = std::make_shared<const domain::SmtpAccount>(smtp);
        account.tracking_host = tracking_host;
        return {account};
    }
};

/// Keeps the parts.
class FakeComposer final : public domain::Composer {
public:
    mutable domain::MailParts parts;

    std::string compose(const domain::MailParts& given) const override {
        parts = given;
        return {};
    }
    std::optional<std::string> text_source(std::string_view) const override { return "Hi"; }
};

class WayOutTest : public testing::Test {
protected:
    WayOutTest() {
        email.id = EmailId::make({});
        email.mailbox = MailboxId::make({});
        email.step_version = StepVersionId::make({});
        email.to = "ana@people.test";
        email.attributes = "{}";
        queue.texts = {{email.step_version, "Hi", "<p>Hi</p>", std::nullopt}};
    }
    /// The parts of the mail, or what is missing.
    std::string write(const std::string& public_url, const std::string& organisation = {}) {
        Letters letters{queue, accounts, composer,
                        Tracking{.tracker = nullptr, .links = {.public_url = public_url, .listen = "127.0.0.1:8080"}},
                        WayOut{.tokens = &tokens, .footer = {.organisation = organisation}}};
        letters.prepare({email});
        const auto draft = letters.draft(email);
        if (const auto* unwritable = std::get_if<Unwritable>(&draft)) return unwritable->detail;
        std::get<Draft>(draft).finish(email);
        return {};
    }

    test::Trace trace;
    test::FakeEmailQueue queue{trace};
    FakeAccounts accounts;
    FakeComposer composer;
    FakeTokens tokens;
    domain::ClaimedEmail email;
};

TEST_F(WayOutTest, IsInBothPartsAndInTheHeader) {
    write("https://go.acme.test/", "Acme");

    const auto url = "https://go.acme.test/u/u" + email.id.text();
    EXPECT_EQ(composer.parts.unsubscribe_url, url);
    EXPECT_THAT(composer.parts.html, HasSubstr("<p>Hi</p><div style="));
    EXPECT_THAT(composer.parts.html, HasSubstr("Acme<br><a href=\"" + url + "\""));
    EXPECT_EQ(composer.parts.text, "Hi\n\n--\nAcme\nUnsubscribe: " + url + "\n");
}

TEST_F(WayOutTest, IsWhereTheAuthorPutIt) {
    queue.texts[0].content = "<p><a href=\"{{unsubscribe_url}}\">No more</a></p>";
    write("https://go.acme.test", "Acme");

    EXPECT_EQ(composer.parts.html, "<p><a href=\"https://go.acme.test/u/u" + email.id.text() + "\">No more</a></p>");
}

TEST_F(WayOutTest, GoesToTheMailboxsOwnHost) {
    accounts.tracking_host = "t.acme.test";
    write("https://go.acme.test");
    EXPECT_EQ(composer.parts.unsubscribe_url, "https://t.acme.test/u/u" + email.id.text());
}

TEST_F(WayOutTest, OverHttpItIsALinkAndNoHeader) {
    write("http://go.acme.test");
    EXPECT_EQ(composer.parts.unsubscribe_url, "");
    EXPECT_THAT(composer.parts.html, HasSubstr("http://go.acme.test/u/u"));
    accounts.host = "127.0.0.1";
    write("");
    EXPECT_EQ(composer.parts.unsubscribe_url, "http://127.0.0.1:8080/u/u" + email.id.text());
}

TEST_F(WayOutTest, WithoutABaseThereIsNeitherAndAMailThatShowsItIsHeld) {
    write("");
    EXPECT_EQ(composer.parts.unsubscribe_url, "");
    EXPECT_EQ(composer.parts.html, "<p>Hi</p>");
    EXPECT_EQ(composer.parts.text, "Hi");

    queue.texts[0].content = "<p>{{unsubscribe_url}}</p>";
    EXPECT_EQ(write(""), "unsubscribe_url");
}

}  // namespace
}  // namespace sequitur::workers
