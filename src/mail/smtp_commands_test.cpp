#include "mail/smtp_commands.hpp"

#include <gtest/gtest.h>

#include "support/smtp_talk.hpp"

namespace sequitur::mail {
namespace {

using domain::SmtpPhase;
using test::refused;
using Talk = test::SmtpTalk;

const EmailId email{Uuid::parse("01a20c7a-ee37-7fbb-a019-650bbf426242").value()};

domain::SmtpAccount with_dsn() {
    domain::SmtpAccount account;
    account.tls = domain::TlsMode::none;
    account.dsn = true;
    return account;
}

void begin(Talk& talk, std::string_view to) {
    talk.session().begin({.from = "me@y.test", .to = to, .message = test::message, .email = email});
    talk.settle();
}

TEST(SmtpCommands, Case54AskForReportsWhereTheServerOffersThem) {
    Talk talk{with_dsn()};
    talk.reach_ready("250-mail.test\r\n250-PIPELINING\r\n250 DSN\r\n");

    begin(talk, "a+b@x.test");

    EXPECT_EQ(talk.take_sent(), "MAIL FROM:<me@y.test> RET=HDRS ENVID=01a20c7aee377fbba019650bbf426242\r\n"
                                "RCPT TO:<a+b@x.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a+2Bb@x.test\r\n");
}

TEST(SmtpCommands, Case54AskForNoReportsWhereTheyAreNotOfferedOrNotWanted) {
    Talk not_offered{with_dsn()};
    not_offered.reach_ready("250-mail.test\r\n250 PIPELINING\r\n");
    begin(not_offered, "a+b@x.test");
    EXPECT_EQ(not_offered.take_sent(), "MAIL FROM:<me@y.test>\r\nRCPT TO:<a+b@x.test>\r\n");

    Talk not_wanted;
    not_wanted.reach_ready("250-mail.test\r\n250-PIPELINING\r\n250 DSN\r\n");
    begin(not_wanted, "a+b@x.test");
    EXPECT_EQ(not_wanted.take_sent(), "MAIL FROM:<me@y.test>\r\nRCPT TO:<a+b@x.test>\r\n");
}

TEST(SmtpCommands, Case14CarriesANonAsciiAddressOverSmtputf8) {
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250-SIZE\r\n250 SMTPUTF8\r\n");

    begin(talk, "j\xc3\xb6rg@x.test");

    EXPECT_EQ(talk.take_sent(), "MAIL FROM:<me@y.test> SIZE=" + std::to_string(test::message.size()) + " SMTPUTF8\r\n");
    talk.hear("250 ok\r\n");
    EXPECT_EQ(talk.take_sent(), "RCPT TO:<j\xc3\xb6rg@x.test>\r\n");
}

TEST(SmtpCommands, Case14RefusesANonAsciiAddressHereWhereTheServerHasNoSmtputf8) {
    Talk talk;
    talk.reach_ready();

    begin(talk, "j\xc3\xb6rg@x.test");

    EXPECT_EQ(talk.take_sent(), "");
    EXPECT_EQ(refused(talk).reply.enhanced, "5.6.7");
    EXPECT_EQ(judge(*talk.outcome).blame, domain::Blame::content) << "no retry, no word about the contact";
    EXPECT_EQ(talk.events.back(), SmtpEvent::ready) << "the connection is good for the next mail";
}

TEST(SmtpCommands, Case12AskForNoSmtputf8WhereEverythingIsAscii) {
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250 SMTPUTF8\r\n");
    begin(talk, "bob@xn--mnchen-3ya.test");
    EXPECT_EQ(talk.take_sent(), "MAIL FROM:<me@y.test>\r\n");
}

TEST(SmtpCommands, RefuseBytesThatAreNoCharacters) {
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250 SMTPUTF8\r\n");
    begin(talk, "j\xc3(rg@x.test");
    EXPECT_EQ(talk.take_sent(), "");
    EXPECT_EQ(refused(talk).phase, SmtpPhase::rcpt);
}

TEST(SmtpCommands, Case40ReadsKeywordsInAnyCaseFromAReplyOfSeveralLines) {
    Talk talk{with_dsn()};
    talk.reach_ready("250-Mail.Test greets you\r\n250-pipelining\r\n250-Size 5000\r\n250-8bitMime\r\n250 dsn\r\n");

    begin(talk, "c@x.test");

    EXPECT_EQ(talk.take_sent(), "MAIL FROM:<me@y.test> SIZE=" + std::to_string(test::message.size()) +
                                    " RET=HDRS ENVID=01a20c7aee377fbba019650bbf426242\r\n"
                                    "RCPT TO:<c@x.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;c@x.test\r\n");
}

TEST(Xtext, EncodesWhatWouldEndOrConfuseAParameter) {
    EXPECT_EQ(xtext("a+b=c d\n"), "a+2Bb+3Dc+20d+0A");
    EXPECT_EQ(xtext("plain@x.test"), "plain@x.test");
}

}  // namespace
}  // namespace sequitur::mail
