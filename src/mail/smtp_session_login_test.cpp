// How a session logs in: which mechanism, what it says, and that it tells no secret.
#include <gtest/gtest.h>

#include "mail/base64.hpp"
#include "mail/sasl.hpp"
#include "support/smtp_talk.hpp"

namespace sequitur::mail {

namespace {

using domain::AuthKind;
using domain::SmtpPhase;
using domain::TlsMode;

using test::broken;
using test::refused;
using Talk = test::SmtpTalk;

domain::SmtpAccount by_token() {
    domain::SmtpAccount account;
    account.auth = AuthKind::oauth2;
    account.address = "u@x.test";
    account.host = "smtp.x.test";
    account.port = 465;
    return account;
}

/// Up to the answer to EHLO.
void greet(Talk& talk, std::string_view mechanisms) {
    talk.hear("220 mail.test\r\n");
    talk.take_sent();
    talk.hear("250-mail.test\r\n250 AUTH " + std::string{mechanisms} + "\r\n");
}

TEST(SmtpSession, Case37SpeaksAuthPlain) {
    Talk talk{TlsMode::implicit, "u"};
    talk.hear("220 mail.test\r\n");
    talk.take_sent();

    talk.hear("250-mail.test\r\n250 auth login plain\r\n");
    EXPECT_EQ(talk.take_sent(), "AUTH PLAIN AHUAcA==\r\n");
    talk.hear("235 2.7.0 ok\r\n");

    EXPECT_EQ(talk.events.back(), SmtpEvent::ready);
    EXPECT_TRUE(talk.has(SmtpEvent::authenticated));
}

TEST(SmtpSession, SendsALongSecretOnlyAfterTheServerAsks) {
    Talk talk{TlsMode::implicit, std::string(400, 'u')};
    talk.hear("220 mail.test\r\n");
    talk.take_sent();

    talk.hear("250-mail.test\r\n250 AUTH PLAIN\r\n");
    EXPECT_EQ(talk.take_sent(), "AUTH PLAIN\r\n");
    talk.hear("334 \r\n");

    EXPECT_GT(talk.take_sent().size(), 500U);
}

TEST(SmtpSession, SpeaksAuthLogin) {
    Talk talk{TlsMode::implicit, "u"};
    talk.hear("220 mail.test\r\n");
    talk.take_sent();

    talk.hear("250-mail.test\r\n250 AUTH LOGIN\r\n");
    EXPECT_EQ(talk.take_sent(), "AUTH LOGIN\r\n");
    talk.hear("334 VXNlcm5hbWU6\r\n");
    EXPECT_EQ(talk.take_sent(), "dQ==\r\n");
    talk.hear("334 UGFzc3dvcmQ6\r\n");
    EXPECT_EQ(talk.take_sent(), "cA==\r\n");
    talk.hear("535 5.7.8 no\r\n");

    EXPECT_EQ(refused(talk).phase, SmtpPhase::auth);
    EXPECT_EQ(talk.events.back(), SmtpEvent::closed);
}

TEST(SmtpSession, Case37DoesNotRepeatCredentialsThatTheServerRepeats) {
    Talk talk{TlsMode::implicit, "u"};
    talk.hear("220 mail.test\r\n");
    talk.hear("250-mail.test\r\n250 AUTH PLAIN\r\n");

    talk.hear("535 5.7.8 AHUAcA== is wrong\r\n");

    EXPECT_EQ(refused(talk).reply.text, "(text withheld)");
}

TEST(SmtpSession, Case38SpeaksCramMd5WhereTheMailboxWantsIt) {
    domain::SmtpAccount account;
    account.auth = AuthKind::cram_md5;
    account.username = "tim";
    account.password = Secret{"tanstaaftanstaaf"};
    Talk talk{account};
    greet(talk, "PLAIN CRAM-MD5");

    EXPECT_EQ(talk.take_sent(), "AUTH CRAM-MD5\r\n");
    talk.hear("334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n");
    EXPECT_EQ(talk.take_sent(), "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n");
    talk.hear("235 ok\r\n");

    EXPECT_EQ(talk.events.back(), SmtpEvent::ready);
}

TEST(SmtpSession, SpeaksCramMd5OnlyWhereTheMailboxWantsIt) {
    Talk talk{TlsMode::implicit, "u"};
    greet(talk, "CRAM-MD5 LOGIN");
    EXPECT_EQ(talk.take_sent(), "AUTH LOGIN\r\n");

    Talk alone{TlsMode::implicit, "u"};
    greet(alone, "CRAM-MD5");
    EXPECT_EQ(alone.take_sent(), "");
    EXPECT_TRUE(broken(alone).needs_a_person);
}

TEST(SmtpSession, EndsAtAChallengeThatIsNone) {
    domain::SmtpAccount account;
    account.auth = AuthKind::cram_md5;
    account.username = "tim";
    Talk talk{account};
    greet(talk, "CRAM-MD5");

    talk.hear("334 not base64!\r\n");

    EXPECT_EQ(broken(talk).phase, SmtpPhase::auth);
}

TEST(SmtpSession, Case39SpeaksXoauth2WithItsToken) {
    Talk talk{by_token()};
    talk.session().use_token(Secret{"TOK"});
    greet(talk, "PLAIN OAUTHBEARER XOAUTH2");

    EXPECT_EQ(talk.take_sent(), "AUTH XOAUTH2 dXNlcj11QHgudGVzdAFhdXRoPUJlYXJlciBUT0sBAQ==\r\n");
    talk.hear("235 ok\r\n");

    EXPECT_EQ(talk.events.back(), SmtpEvent::ready);
}

TEST(SmtpSession, Case39SendsALongTokenOnlyAfterTheServerAsks) {
    Talk talk{by_token()};
    const std::string token(2048, 't');
    talk.session().use_token(Secret{token});
    greet(talk, "XOAUTH2");

    EXPECT_EQ(talk.take_sent(), "AUTH XOAUTH2\r\n");
    talk.hear("334 \r\n");

    EXPECT_EQ(talk.take_sent(), sasl::xoauth2("u@x.test", token) + "\r\n");
}

TEST(SmtpSession, Case39AnswersTheExplanationOfARefusedTokenWithAnEmptyLine) {
    Talk talk{by_token()};
    talk.session().use_token(Secret{"TOK"});
    greet(talk, "XOAUTH2");
    talk.take_sent();

    talk.hear("334 eyJzdGF0dXMiOiI0MDEifQ==\r\n");
    EXPECT_EQ(talk.take_sent(), "\r\n");
    talk.hear("535 5.7.8 token TOK not accepted\r\n");

    EXPECT_EQ(refused(talk).reply.code, 535);
    EXPECT_EQ(refused(talk).reply.text, "(text withheld)");
}

TEST(SmtpSession, EndsWhereAServerExplainsTwice) {
    Talk talk{by_token()};
    talk.session().use_token(Secret{"TOK"});
    greet(talk, "XOAUTH2");

    talk.hear("334 e30=\r\n");
    talk.hear("334 e30=\r\n");

    EXPECT_EQ(broken(talk).phase, SmtpPhase::auth);
}

TEST(SmtpSession, SpeaksOauthbearerWhereOnlyThatIsOffered) {
    Talk talk{by_token()};
    talk.session().use_token(Secret{"TOK"});
    greet(talk, "OAUTHBEARER PLAIN");

    EXPECT_EQ(talk.take_sent(),
              "AUTH OAUTHBEARER " + sasl::oauthbearer("u@x.test", "smtp.x.test", 465, "TOK") + "\r\n");
    talk.hear("334 e30=\r\n");
    EXPECT_EQ(talk.take_sent(), "AQ==\r\n") << "RFC 7628 §3.2.3";
}

TEST(SmtpSession, NeverSendsATokenAsAPassword) {
    Talk talk{by_token()};
    talk.session().use_token(Secret{"TOK"});
    greet(talk, "PLAIN LOGIN CRAM-MD5");

    EXPECT_EQ(talk.take_sent(), "");
    EXPECT_TRUE(broken(talk).needs_a_person);
}

}  // namespace

}  // namespace sequitur::mail
