// Which commands of a mail are written together, and with those of the mail before.
#include "mail/smtp_session.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "support/smtp_talk.hpp"

namespace sequitur::mail {

namespace {

using domain::Accepted;
using domain::SmtpPhase;

using test::message;
using test::refused;
using Talk = test::SmtpTalk;

TEST(SmtpSession, Case52PipelinesMailAndRcptAndDataNotBeforeItKnowsTheServer) {
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250-pipelining\r\n250 SIZE 1000000\r\n");

    talk.begin();
    EXPECT_EQ(talk.take_sent(), "MAIL FROM:<me@y.test> SIZE=25\r\nRCPT TO:<c@x.test>\r\n");
    talk.hear("250 ok\r\n");
    EXPECT_EQ(talk.take_sent(), "");
    talk.hear("250 ok\r\n");
    EXPECT_EQ(talk.take_sent(), "DATA\r\n");
}

TEST(SmtpSession, SaysDataWithMailAndRcptOnceTheServerHasTakenAMail) {
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250-pipelining\r\n250 SIZE 1000000\r\n");
    talk.pass_one();

    talk.begin();
    EXPECT_EQ(talk.take_sent(), "MAIL FROM:<me@y.test> SIZE=25\r\nRCPT TO:<c@x.test>\r\nDATA\r\n");
    talk.hear("250 ok\r\n250 ok\r\n");
    EXPECT_EQ(talk.take_sent(), "");
    talk.hear("354 go\r\n");

    EXPECT_EQ(talk.events.back(), SmtpEvent::ready_for_dot);
}

TEST(SmtpSession, Case52WritesNoDataForARefusedRecipient) {
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250 PIPELINING\r\n");
    talk.begin();
    talk.take_sent();

    talk.hear("250 ok\r\n550 5.1.1 no\r\n");

    EXPECT_EQ(refused(talk).phase, SmtpPhase::rcpt);
    EXPECT_EQ(talk.take_sent(), "RSET\r\n");
}

TEST(SmtpSession, HoldsABodyInBulkUntilItsPermitAndWritesItTogetherWithTheDot) {
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250 PIPELINING\r\n");
    talk.pass_one();
    talk.begin();
    talk.take_sent();

    talk.hear("250 ok\r\n250 ok\r\n354 go\r\n");
    EXPECT_EQ(talk.events.back(), SmtpEvent::ready_for_dot);
    EXPECT_TRUE(talk.session().holds_body());
    EXPECT_EQ(talk.take_sent(), "") << "nothing of it before its permit";
    talk.session().proceed();
    std::string body;
    talk.session().produce(body);
    EXPECT_EQ(body, "Subject: x\r\n\r\n..dot\r\nend\r\n");
    EXPECT_TRUE(talk.session().is_dot_due());
    talk.settle();
    EXPECT_EQ(talk.take_sent(), ".\r\n");
}

TEST(SmtpSession, WritesABodyOfMoreThanABlockBeforeItsPermitInBulkToo) {
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250 PIPELINING\r\n");
    talk.pass_one();
    const std::string longer = "Subject: x\r\n\r\n" + std::string(20'000, 'x') + "\r\n";
    talk.begin(longer);
    talk.take_sent();

    talk.hear("250 ok\r\n250 ok\r\n354 go\r\n");

    EXPECT_EQ(talk.take_sent(), longer);
    EXPECT_EQ(talk.events.back(), SmtpEvent::ready_for_dot);
    EXPECT_FALSE(talk.session().holds_body());
}

TEST(SmtpSession, TakesARefusalWhileItHoldsABodyForTheMails) {
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250 PIPELINING\r\n");
    talk.pass_one();
    talk.begin();
    talk.hear("250 ok\r\n250 ok\r\n354 go\r\n");
    talk.take_sent();

    talk.hear("421 4.3.2 going down\r\n");

    EXPECT_EQ(refused(talk).phase, SmtpPhase::body);
    EXPECT_EQ(talk.take_sent(), "");
    EXPECT_EQ(talk.events.back(), SmtpEvent::closed);
}

TEST(SmtpSession, SaysDataByItselfAgainAfterARefusedRecipient) {
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250 PIPELINING\r\n");
    talk.pass_one();
    talk.begin();
    talk.hear("250 ok\r\n550 5.1.1 no\r\n554 5.5.1 no valid recipients\r\n250 ok\r\n");

    talk.pass_one();
    talk.begin();

    EXPECT_EQ(talk.take_sent(), "MAIL FROM:<me@y.test>\r\nRCPT TO:<c@x.test>\r\n");
}

TEST(SmtpSession, WaitsForTheAnswerToDataAfterARefusedRecipientOfAGroup) {
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250 PIPELINING\r\n");
    talk.pass_one();
    talk.begin();
    talk.take_sent();

    talk.hear("250 ok\r\n550 5.1.1 no\r\n");
    EXPECT_FALSE(talk.outcome);
    talk.hear("554 5.5.1 no valid recipients\r\n");

    EXPECT_EQ(refused(talk).phase, SmtpPhase::rcpt);
    EXPECT_EQ(refused(talk).reply.enhanced, "5.1.1");
    EXPECT_EQ(talk.take_sent(), "RSET\r\n");
    talk.hear("250 ok\r\n");
    EXPECT_EQ(talk.events.back(), SmtpEvent::ready);
}

TEST(SmtpSession, EndsAConnectionThatWantsTheDataOfARefusedRecipient) {
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250 PIPELINING\r\n");
    talk.pass_one();
    talk.begin();
    talk.take_sent();

    talk.hear("250 ok\r\n550 5.1.1 no\r\n354 go\r\n");

    EXPECT_EQ(refused(talk).phase, SmtpPhase::rcpt);
    EXPECT_EQ(talk.take_sent(), "") << "not even a dot";
    EXPECT_EQ(talk.events.back(), SmtpEvent::closed);
}

TEST(SmtpSession, WaitsForThePipelinedAnswersAfterARefusedMail) {
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250 PIPELINING\r\n");

    talk.begin();
    talk.take_sent();
    talk.hear("550 5.7.1 not you\r\n");
    EXPECT_FALSE(talk.outcome);
    talk.hear("503 no MAIL\r\n");

    EXPECT_EQ(refused(talk).phase, SmtpPhase::mail);
    EXPECT_EQ(refused(talk).reply.enhanced, "5.7.1");
    EXPECT_EQ(talk.take_sent(), "");
    EXPECT_EQ(talk.events.back(), SmtpEvent::ready);
}

TEST(SmtpSession, KeepsTheRefusalWhenTheConnectionEndsBeforeTheRestOfTheGroupIsAnswered) {
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250 PIPELINING\r\n");
    talk.pass_one();
    talk.begin();
    talk.hear("250 ok\r\n550 5.1.1 no\r\n");

    talk.hear("421 4.7.0 too many errors\r\n");

    EXPECT_EQ(refused(talk).phase, SmtpPhase::rcpt);
    EXPECT_EQ(talk.events.back(), SmtpEvent::closed);
}

TEST(SmtpSession, LendsAHeldBodyInWhichNoDotIsToBeDoubled) {
    constexpr std::string_view plain = "Subject: x\r\n\r\nno dot\r\n";
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250 PIPELINING\r\n");
    talk.pass_one();
    talk.session().begin({.from = "me@y.test", .to = "d@x.test", .message = plain, .may_have_dots = false});
    talk.settle();
    talk.hear("250 ok\r\n250 ok\r\n354 go\r\n");
    talk.take_sent();
    EXPECT_EQ(talk.session().take_held_body(), "") << "no permit yet";

    talk.session().proceed();

    EXPECT_EQ(talk.session().take_held_body(), plain);
    EXPECT_TRUE(talk.session().is_dot_due());
    talk.settle();
    EXPECT_EQ(talk.take_sent(), ".\r\n") << "and not the body once more";
}

TEST(SmtpSession, LendsNoHeldBodyInWhichADotMayHaveToBeDoubled) {
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250 PIPELINING\r\n");
    talk.pass_one();
    talk.begin();
    talk.hear("250 ok\r\n250 ok\r\n354 go\r\n");

    talk.session().proceed();

    EXPECT_EQ(talk.session().take_held_body(), "");
}

TEST(SmtpSession, SaysTheBeginningOfTheNextMailBehindTheDot) {
    Talk talk;
    talk.reach_permit("250-mail.test\r\n250-PIPELINING\r\n250 SIZE 1000000\r\n");

    EXPECT_TRUE(talk.session().chain({.from = "me@y.test", .to = "d@x.test", .message = message}));
    talk.settle();
    EXPECT_EQ(talk.take_sent(), "");  // the dot comes first
    talk.session().proceed();
    talk.settle();
    EXPECT_EQ(talk.take_sent(), ".\r\nMAIL FROM:<me@y.test> SIZE=25\r\nRCPT TO:<d@x.test>\r\nDATA\r\n");
    talk.session().dot_started();
    talk.hear("250 ok\r\n");
    EXPECT_TRUE(std::holds_alternative<Accepted>(talk.outcome.value()));
    EXPECT_EQ(talk.events.back(), SmtpEvent::ready);
    talk.begin(message, "d@x.test");
    EXPECT_EQ(talk.take_sent(), "");
    talk.hear("250 ok\r\n250 ok\r\n354 go\r\n");
    talk.session().proceed();
    talk.settle();
    EXPECT_EQ(talk.take_sent(), "Subject: x\r\n\r\n..dot\r\nend\r\n.\r\n");
}

TEST(SmtpSession, ReadsTheAnswersOfTheNextMailThatCameWithTheOneToTheDot) {
    Talk talk;
    talk.reach_permit("250-mail.test\r\n250 PIPELINING\r\n");
    talk.session().chain({.from = "me@y.test", .to = "d@x.test", .message = message});
    talk.session().proceed();
    talk.settle();
    talk.session().dot_started();
    talk.take_sent();
    talk.at_ready = [&] { talk.session().begin({.from = "me@y.test", .to = "d@x.test", .message = message}); };

    talk.hear("550 5.6.0 no\r\n250 ok\r\n550 5.1.1 who\r\n503 RCPT first\r\n");

    EXPECT_EQ(refused(talk).phase, SmtpPhase::rcpt);
    EXPECT_EQ(talk.take_sent(), "RSET\r\n");
    EXPECT_EQ(std::ranges::count(talk.events, SmtpEvent::finished), 2);
}

TEST(SmtpSession, ChainsNothingThatMustWaitOrWouldBeRefused) {
    Talk plain;
    plain.reach_permit();
    EXPECT_FALSE(plain.session().chain({.from = "me@y.test", .to = "d@x.test", .message = message}));

    Talk talk;
    talk.reach_permit("250-mail.test\r\n250-PIPELINING\r\n250 SIZE 30\r\n");
    EXPECT_FALSE(talk.session().chain({.from = "me@y.test", .to = "d x", .message = message}));
    const auto long_message = std::string(40, 'x') + "\r\n";
    EXPECT_FALSE(talk.session().chain({.from = "me@y.test", .to = "d@x.test", .message = long_message}));
    EXPECT_FALSE(talk.session().is_chained());
    talk.session().proceed();
    talk.settle();
    EXPECT_EQ(talk.take_sent(), ".\r\n");
}

TEST(SmtpSession, DropsTheNextMailWithAConnectionThatEndsAtTheDot) {
    Talk talk;
    talk.reach_permit("250-mail.test\r\n250 PIPELINING\r\n");
    talk.session().chain({.from = "me@y.test", .to = "d@x.test", .message = message});
    talk.session().proceed();
    talk.settle();
    talk.session().dot_started();

    talk.hear("421 4.3.2 bye\r\n");

    EXPECT_EQ(refused(talk).phase, SmtpPhase::dot);
    EXPECT_EQ(talk.events.back(), SmtpEvent::closed);
    EXPECT_FALSE(talk.session().is_chained());
}

}  // namespace

}  // namespace sequitur::mail
