#include "mail/smtp_session.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "support/smtp_talk.hpp"

namespace sequitur::mail {

namespace {

using domain::Accepted;
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

TEST(SmtpSession, Case41ResetsWhatAServerHasTakenWithoutARecipient) {
    Talk talk;
    talk.reach_ready();
    talk.begin();
    talk.hear("250 ok\r\n");
    talk.take_sent();

    talk.hear("550 5.1.1 no\r\n");

    EXPECT_EQ(talk.take_sent(), "RSET\r\n");
}

TEST(SmtpSession, Case53RefusesLocallyWhatIsAboveTheAnnouncedSize) {
    Talk talk;
    talk.reach_ready("250-mail.test\r\n250 SIZE 10\r\n");

    talk.begin();

    EXPECT_EQ(talk.take_sent(), "");
    EXPECT_EQ(refused(talk).reply.enhanced, "5.3.4");
    EXPECT_EQ(talk.events.back(), SmtpEvent::ready);
}

TEST(SmtpSession, Case55KeepsAForgedAddressOffTheWire) {
    Talk talk;
    talk.reach_ready();

    talk.begin(message, "a@b.test>\r\nRCPT TO:<e@x.test");

    EXPECT_EQ(talk.take_sent(), "");
    EXPECT_EQ(refused(talk).phase, SmtpPhase::rcpt);
}

TEST(SmtpSession, Case33StopsWhenStarttlsIsNotOffered) {
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

TEST(SmtpSession, Case34StopsAtBytesAfterTheAnswerToStarttls) {
    Talk talk{TlsMode::starttls, "u"};
    talk.hear("220 mail.test\r\n");
    talk.hear("250-mail.test\r\n250 STARTTLS\r\n");
    talk.take_sent();

    talk.hear("220 go\r\n250 AUTH PLAIN\r\n");

    EXPECT_EQ(talk.take_sent(), "");
    EXPECT_EQ(broken(talk).phase, SmtpPhase::starttls);
}

TEST(SmtpSession, Case36ForgetsWhatWasOfferedBeforeTls) {
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

TEST(SmtpSession, NeverFallsBackToHelo) {
    Talk talk;
    talk.hear("220 mail.test\r\n");
    talk.take_sent();

    talk.hear("502 what\r\n");

    EXPECT_EQ(talk.take_sent(), "");
    EXPECT_EQ(refused(talk).phase, SmtpPhase::ehlo);
}

TEST(SmtpSession, Case47EndsAt421WhereverItComes) {
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

TEST(SmtpSession, Case48Reads421AsTheAnswerToTheDot) {
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

TEST(SmtpSession, Case49KnowsNothingAfterALostAnswerToTheDot) {
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

TEST(SmtpSession, Case40CallsTwoCodesInOneReplyBroken) {
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
