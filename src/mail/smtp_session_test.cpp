#include "mail/smtp_session.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "support/smtp_talk.hpp"

namespace sequitur::mail {

namespace {

using domain::Accepted;
using domain::Broken;
using domain::Refused;
using domain::SmtpPhase;
using domain::TlsMode;

using test::broken;
using test::message;
using test::refused;
using Talk = test::SmtpTalk;

TEST(SmtpSession, SaysOneWholeConversation) {
    Talk talk;

    talk.hear("220 mail.test ESMTP\r\n");
    EXPECT_EQ(talk.take_sent(), "EHLO client.test\r\n");
    talk.hear("250 mail.test\r\n");
    EXPECT_EQ(talk.take_sent(), "");
    talk.begin();
    EXPECT_EQ(talk.take_sent(), "MAIL FROM:<me@y.test>\r\n");
    talk.hear("250 ok\r\n");
    EXPECT_EQ(talk.take_sent(), "RCPT TO:<c@x.test>\r\n");
    talk.hear("250 ok\r\n");
    EXPECT_EQ(talk.take_sent(), "DATA\r\n");
    talk.hear("354 go\r\n");
    EXPECT_EQ(talk.take_sent(), "Subject: x\r\n\r\n..dot\r\nend\r\n");
    EXPECT_EQ(talk.events.back(), SmtpEvent::ready_for_dot);
    talk.session().proceed();
    talk.settle();
    EXPECT_EQ(talk.take_sent(), ".\r\n");
    talk.session().dot_started();
    talk.hear("250 2.0.0 queued as 7\r\n");

    EXPECT_EQ(std::get<Accepted>(talk.outcome.value()).reply.text, "queued as 7");
    using enum SmtpEvent;
    EXPECT_EQ(talk.events, (std::vector{ehlo_done, ready, mail_ok, rcpt_ok, data_ok, ready_for_dot, finished, ready}));
    talk.session().quit();
    talk.settle();
    EXPECT_EQ(talk.take_sent(), "QUIT\r\n");
}

TEST(SmtpSession, WritesNoDotWithoutProceed) {
    Talk talk;
    talk.reach_permit();

    EXPECT_TRUE(talk.session().awaits_permit());
    talk.settle();
    talk.session().written();
    talk.settle();

    EXPECT_EQ(talk.take_sent(), "");
    talk.session().eof();
    talk.settle();
    EXPECT_EQ(broken(talk).phase, SmtpPhase::body);
}

TEST(SmtpSession, PipelinesMailAndRcptAndDataNotBeforeItKnowsTheServer) {  // mail case 52
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

    EXPECT_EQ(talk.take_sent(), "Subject: x\r\n\r\n..dot\r\nend\r\n");
    EXPECT_EQ(talk.events.back(), SmtpEvent::ready_for_dot);
}

TEST(SmtpSession, WritesNoDataForARefusedRecipient) {  // mail case 52
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250 PIPELINING\r\n");
    talk.begin();
    talk.take_sent();

    talk.hear("250 ok\r\n550 5.1.1 no\r\n");

    EXPECT_EQ(refused(talk).phase, SmtpPhase::rcpt);
    EXPECT_EQ(talk.take_sent(), "RSET\r\n");
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

TEST(SmtpSession, ResetsWhatAServerHasTakenWithoutARecipient) {
    Talk talk;
    talk.reach_ready();
    talk.begin();
    talk.hear("250 ok\r\n");
    talk.take_sent();

    talk.hear("550 5.1.1 no\r\n");

    EXPECT_EQ(talk.take_sent(), "RSET\r\n");
}

TEST(SmtpSession, RefusesLocallyWhatIsAboveTheAnnouncedSize) {  // mail case 53
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250 SIZE 10\r\n");

    talk.begin();

    EXPECT_EQ(talk.take_sent(), "");
    EXPECT_EQ(refused(talk).reply.enhanced, "5.3.4");
    EXPECT_EQ(talk.events.back(), SmtpEvent::ready);
}

TEST(SmtpSession, KeepsAForgedAddressOffTheWire) {  // mail case 55
    Talk talk;
    talk.reach_ready();

    talk.begin(message, "a@b.test>\r\nRCPT TO:<e@x.test");

    EXPECT_EQ(talk.take_sent(), "");
    EXPECT_EQ(refused(talk).phase, SmtpPhase::rcpt);
}

TEST(SmtpSession, StopsWhenStarttlsIsNotOffered) {  // mail case 33
    Talk talk{TlsMode::starttls, "u"};

    talk.hear("220 mail.test\r\n");
    talk.take_sent();
    talk.hear("250-mail.test\r\n250 AUTH PLAIN\r\n");

    EXPECT_EQ(talk.take_sent(), "");
    EXPECT_TRUE(broken(talk).needs_a_person);
    EXPECT_EQ(broken(talk).phase, SmtpPhase::starttls);
}

TEST(SmtpSession, StopsWhenStarttlsIsRefused) {
    Talk talk{TlsMode::starttls};
    talk.hear("220 mail.test\r\n");
    talk.hear("250-mail.test\r\n250 STARTTLS\r\n");
    EXPECT_EQ(talk.take_sent(), "EHLO client.test\r\nSTARTTLS\r\n");

    talk.hear("454 4.7.0 not now\r\n");

    EXPECT_EQ(refused(talk).phase, SmtpPhase::starttls);
    EXPECT_EQ(talk.events.back(), SmtpEvent::closed);
}

TEST(SmtpSession, StopsAtBytesAfterTheAnswerToStarttls) {  // mail case 34
    Talk talk{TlsMode::starttls, "u"};
    talk.hear("220 mail.test\r\n");
    talk.hear("250-mail.test\r\n250 STARTTLS\r\n");
    talk.take_sent();

    talk.hear("220 go\r\n250 AUTH PLAIN\r\n");

    EXPECT_EQ(talk.take_sent(), "");
    EXPECT_EQ(broken(talk).phase, SmtpPhase::starttls);
}

TEST(SmtpSession, ForgetsWhatWasOfferedBeforeTls) {  // mail case 36
    Talk talk{TlsMode::starttls, "u"};
    talk.hear("220 mail.test\r\n");
    talk.hear("250-mail.test\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n");
    talk.hear("220 go\r\n");
    ASSERT_EQ(talk.events.back(), SmtpEvent::start_tls);
    talk.take_sent();

    talk.session().tls_started();
    talk.settle();
    EXPECT_EQ(talk.take_sent(), "EHLO client.test\r\n");
    talk.hear("250 mail.test\r\n");

    EXPECT_EQ(talk.take_sent(), "");
    EXPECT_EQ(broken(talk).phase, SmtpPhase::auth);
}

TEST(SmtpSession, SpeaksAuthPlain) {  // mail case 37
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

TEST(SmtpSession, DoesNotRepeatCredentialsThatTheServerRepeats) {
    Talk talk{TlsMode::implicit, "u"};
    talk.hear("220 mail.test\r\n");
    talk.hear("250-mail.test\r\n250 AUTH PLAIN\r\n");

    talk.hear("535 5.7.8 AHUAcA== is wrong\r\n");

    EXPECT_EQ(refused(talk).reply.text, "(text withheld)");
}

TEST(SmtpSession, NeverFallsBackToHelo) {
    Talk talk;
    talk.hear("220 mail.test\r\n");
    talk.take_sent();

    talk.hear("502 what\r\n");

    EXPECT_EQ(talk.take_sent(), "");
    EXPECT_EQ(refused(talk).phase, SmtpPhase::ehlo);
}

TEST(SmtpSession, EndsAt421WhereverItComes) {  // mail cases 47, 48
    const std::vector<std::string_view> answers{"250 ok\r\n", "250 ok\r\n", "354 go\r\n"};
    const std::vector<SmtpPhase> phases{SmtpPhase::mail, SmtpPhase::rcpt, SmtpPhase::data, SmtpPhase::body};
    for (std::size_t heard = 0; heard <= answers.size(); ++heard) {
        Talk talk;
        talk.reach_ready();
        talk.begin();
        for (std::size_t i = 0; i < heard; ++i) talk.hear(answers[i]);

        talk.hear("421 4.3.2 bye\r\n");

        EXPECT_EQ(refused(talk).reply.code, 421);
        EXPECT_EQ(refused(talk).phase, phases[heard]);
        EXPECT_EQ(talk.events.back(), SmtpEvent::closed);
    }
}

TEST(SmtpSession, Reads421AsTheAnswerToTheDot) {
    Talk talk;
    talk.reach_permit();
    talk.session().proceed();
    talk.settle();
    talk.session().dot_started();

    talk.hear("421 4.3.2 bye\r\n");

    EXPECT_EQ(refused(talk).phase, SmtpPhase::dot);
}

TEST(SmtpSession, ReadsARefusalAmidTheBodyAsTheAnswer) {
    Talk talk;
    talk.reach_permit();

    talk.hear("554 5.7.1 enough\r\n");

    EXPECT_EQ(refused(talk).phase, SmtpPhase::body);
    EXPECT_EQ(talk.events.back(), SmtpEvent::closed);
    talk.session().proceed();
    talk.settle();
    EXPECT_EQ(talk.take_sent(), "");
}

TEST(SmtpSession, DoesNotTakeAnEarlyYesForAnAnswerToTheDot) {
    Talk talk;
    talk.reach_permit();

    talk.hear("250 queued\r\n");

    EXPECT_EQ(broken(talk).phase, SmtpPhase::body);
}

TEST(SmtpSession, KnowsNothingAfterALostAnswerToTheDot) {  // mail case 49
    Talk talk;
    talk.reach_permit();
    talk.session().proceed();
    talk.settle();
    talk.session().dot_started();

    talk.session().eof();
    talk.settle();

    EXPECT_EQ(broken(talk).phase, SmtpPhase::dot);
}

TEST(SmtpSession, IsUnsentWhileNoByteOfTheDotIsOut) {
    Talk talk;
    talk.reach_permit();
    talk.session().proceed();

    talk.session().io_error("broken pipe");
    talk.settle();

    EXPECT_EQ(broken(talk).phase, SmtpPhase::body);
}

TEST(SmtpSession, CallsGarbageBrokenInThePhaseWhereItCame) {
    Talk talk;
    talk.reach_ready();
    talk.begin();

    talk.hear("250-a\r\n251 b\r\n");

    EXPECT_EQ(broken(talk).phase, SmtpPhase::mail);
}

TEST(SmtpSession, DoesNotGoOnWhenAnIdleServerSpoke) {
    Talk talk;
    talk.reach_ready();

    talk.hear("250 surprise\r\n");

    EXPECT_EQ(talk.events.back(), SmtpEvent::closed);
}

TEST(SmtpSession, SendsAMailAfterAMail) {
    Talk talk;
    talk.reach_permit();
    talk.session().proceed();
    talk.settle();
    talk.session().dot_started();
    talk.hear("550 5.6.0 no\r\n");
    EXPECT_EQ(refused(talk).phase, SmtpPhase::dot);
    talk.take_sent();

    talk.begin();

    EXPECT_EQ(talk.take_sent(), "MAIL FROM:<me@y.test>\r\n");
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
    EXPECT_EQ(talk.take_sent(), "Subject: x\r\n\r\n..dot\r\nend\r\n");
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

TEST(SmtpSession, StuffsDotsAcrossBlocksOnlyAtLineStarts) {
    std::string text;
    while (text.size() < 70'000) text += "a.b\r\n.\r\n..x\r\n";
    for (std::size_t shift = 0; shift < 14; ++shift) {
        Talk talk;
        talk.reach_ready();
        const auto body = std::string(shift, 'x') + "\r\n" + text;
        talk.begin(body);
        talk.hear("250 ok\r\n");
        talk.hear("250 ok\r\n");
        talk.take_sent();
        talk.hear("354 go\r\n");

        const auto wire = talk.take_sent();
        std::string unstuffed;
        bool line_start = true;
        for (const char c : wire) {
            if (!(line_start && c == '.')) unstuffed += c;
            line_start = c == '\n';
        }
        std::string direct;
        line_start = true;
        for (const char c : body) {
            if (line_start && c == '.') direct += '.';
            direct += c;
            line_start = c == '\n';
        }
        EXPECT_TRUE(wire == direct) << shift;
        EXPECT_TRUE(unstuffed == body) << shift;
    }
}

TEST(SmtpSession, PausesAtHalfOfTheBodyWhenAsked) {
    Talk talk{TlsMode::none, "", true};
    talk.reach_permit();

    using enum SmtpEvent;
    EXPECT_TRUE(talk.has(half_body));
    EXPECT_EQ(talk.events.back(), ready_for_dot);
}

}  // namespace

}  // namespace sequitur::mail
