#include "domain/delivery.hpp"

#include <gtest/gtest.h>

#include "domain/reply_rules.hpp"

namespace sequitur::domain {

namespace {

using enum SmtpPhase;

struct Case {
    SmtpPhase phase{};
    SmtpReply reply;
    Blame blame{};
    MailboxAct act{};
    std::string reason;
};

void expect_all(const std::vector<Case>& cases) {
    for (const auto& c : cases) {
        const auto verdict = judge(Refused{c.phase, c.reply});
        SCOPED_TRACE(std::string{name(c.phase)} + " " + std::to_string(c.reply.code) + " " + c.reply.enhanced + " " +
                     c.reply.text);
        EXPECT_EQ(verdict.blame, c.blame);
        EXPECT_EQ(verdict.mailbox, c.act);
        EXPECT_EQ(verdict.reason, c.reason);
    }
}

TEST(Judge, BlamesTheMailboxForWhatIsAboutUs) {
    constexpr auto back_off = MailboxAct::back_off;
    constexpr auto person = MailboxAct::needs_a_person;
    constexpr auto host = MailboxAct::host_back_off;
    constexpr auto login = MailboxAct::pause_login;
    constexpr auto hold = MailboxAct::hold;
    expect_all({
        {greeting, {554, "", "no service"}, Blame::mailbox, MailboxAct::host_thrice, "greeting_refused"},
        {greeting, {421, "", "busy"}, Blame::mailbox, host, "throttled"},
        {ehlo, {550, "", ""}, Blame::mailbox, person, "ehlo_refused"},
        {starttls, {454, "", "TLS not available"}, Blame::mailbox, host, "tls_failed"},
        {starttls, {502, "", ""}, Blame::mailbox, person, "tls_failed"},
        {auth, {535, "5.7.8", "bad credentials"}, Blame::mailbox, login, "auth_failed"},
        {auth, {454, "4.7.0", "try later"}, Blame::mailbox, back_off, "throttled"},
        {auth, {432, "4.3.2", "concurrent connections"}, Blame::mailbox, back_off, "throttled"},
        {mail, {450, "", ""}, Blame::mailbox, back_off, "sender_deferred"},
        {mail, {550, "5.7.1", "not permitted"}, Blame::mailbox, person, "sender_refused"},
        {mail, {550, "5.4.5", "Daily user sending quota exceeded"}, Blame::mailbox, hold, "quota"},
        {dot, {550, "5.4.5", ""}, Blame::mailbox, hold, "quota"},
        {dot, {554, "5.2.0", "STOREDRV; SubmissionQuotaExceededException"}, Blame::mailbox, hold, "quota"},
        {dot, {454, "", "Throttling failure: Maximum sending rate exceeded"}, Blame::mailbox, hold, "quota"},
        {dot, {421, "4.7.0", ""}, Blame::mailbox, back_off, "throttled"},
        {rcpt, {421, "", ""}, Blame::mailbox, back_off, "throttled"},
        {rcpt, {452, "4.5.3", "too many recipients"}, Blame::mailbox, back_off, "throttled"},
        {rcpt, {530, "5.7.0", "authenticate first"}, Blame::mailbox, person, "auth_failed"},
        {dot, {554, "5.2.252", "SendAsDenied"}, Blame::mailbox, person, "sender_refused"},
        {rcpt, {550, "5.1.8", "bad sender"}, Blame::mailbox, person, "sender_refused"},
    });
}

TEST(Judge, RetriesWhatTheRecipientRefusesForNow) {
    expect_all({
        {rcpt, {450, "4.2.1", ""}, Blame::recipient_temporary, MailboxAct::none, "deferred"},
        {rcpt, {451, "4.7.1", "greylisted"}, Blame::recipient_temporary, MailboxAct::none, "deferred"},
        {rcpt, {452, "4.2.2", "full"}, Blame::recipient_temporary, MailboxAct::none, "mailbox_full"},
        {rcpt, {552, "5.2.2", "full"}, Blame::recipient_temporary, MailboxAct::none, "mailbox_full"},
        {data, {451, "", ""}, Blame::recipient_temporary, MailboxAct::none, "deferred"},
        {dot, {451, "", "local error"}, Blame::recipient_temporary, MailboxAct::none, "deferred"},
        {rcpt, {500, "5.5.1", "what"}, Blame::recipient_temporary, MailboxAct::none, "refused"},
    });
}

TEST(Judge, CallsAnAddressDeadOnlyWhenTheReplyIsAboutIt) {
    for (const auto* enhanced : {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
        expect_all({{rcpt, {550, enhanced, ""}, Blame::recipient_hard, MailboxAct::none, "bad_address"},
                    {dot, {550, enhanced, ""}, Blame::recipient_hard, MailboxAct::none, "bad_address"}});
    expect_all({
        {rcpt, {550, "5.2.1", ""}, Blame::recipient_hard, MailboxAct::none, "address_disabled"},
        {rcpt, {550, "", "no such user"}, Blame::recipient_hard, MailboxAct::none, "bad_address"},
        {rcpt, {550, "", ""}, Blame::recipient_hard, MailboxAct::none, "bad_address"},
        {rcpt, {550, "5.0.0", "unknown user"}, Blame::recipient_hard, MailboxAct::none, "bad_address"},
        {rcpt, {551, "", "not local"}, Blame::recipient_hard, MailboxAct::none, "bad_address"},
        {rcpt, {553, "", "no mailbox"}, Blame::recipient_hard, MailboxAct::none, "bad_address"},
        {dot, {550, "", "no"}, Blame::blocked, MailboxAct::count_refusal, "refused"},
    });
}

TEST(Judge, LeavesTheContactAloneForPolicyAndContent) {
    expect_all({
        {rcpt, {550, "5.7.1", "denied"}, Blame::blocked, MailboxAct::count_refusal, "policy"},
        {dot, {554, "5.7.1", "spam"}, Blame::blocked, MailboxAct::count_refusal, "policy"},
        {rcpt, {550, "", "Blocked by our Spam filter"}, Blame::blocked, MailboxAct::count_refusal, "policy"},
        {rcpt, {554, "", "Transaction failed"}, Blame::blocked, MailboxAct::count_refusal, "refused"},
        {dot, {552, "5.3.4", "too big"}, Blame::content, MailboxAct::none, "too_large"},
        {mail, {552, "5.3.4", "too big"}, Blame::content, MailboxAct::none, "too_large"},
        {rcpt, {552, "5.2.3", "too big"}, Blame::content, MailboxAct::none, "too_large"},
        {dot, {554, "5.6.0", "bad mime"}, Blame::content, MailboxAct::none, "content_refused"},
        {dot, {552, "", "Message size exceeds limit"}, Blame::content, MailboxAct::none, "too_large"},
        {body, {554, "", "enough"}, Blame::blocked, MailboxAct::count_refusal, "refused"},
    });
}

TEST(Judge, TakesTheMilderOfTwoCodesThatDisagree) {
    expect_all({
        {rcpt, {550, "4.2.1", "later"}, Blame::recipient_temporary, MailboxAct::none, "deferred"},
        {rcpt, {550, "", "4.2.1 later"}, Blame::recipient_temporary, MailboxAct::none, "deferred"},
        {rcpt, {450, "5.1.1", "later"}, Blame::recipient_temporary, MailboxAct::none, "deferred"},
    });
}

TEST(Judge, KnowsARowForEveryRefusal) {
    for (int phase = static_cast<int>(greeting); phase <= static_cast<int>(dot); ++phase)
        for (int code = 400; code < 600; ++code)
            for (const auto* enhanced : {"", "4.0.0", "5.0.0", "5.9.999"})
                EXPECT_FALSE(rule_for(static_cast<SmtpPhase>(phase), {code, enhanced, ""}).reason.empty());
}

TEST(Judge, BlamesTheMailboxForABrokenConnectionUntilMailIsAnswered) {
    for (const auto phase : {resolve, connect, tls, greeting, ehlo, starttls}) {
        EXPECT_EQ(judge(Broken{phase, "x", false}).blame, Blame::mailbox) << name(phase);
        EXPECT_EQ(judge(Broken{phase, "x", false}).mailbox, MailboxAct::host_back_off) << name(phase);
    }
    for (const auto phase : {auth, mail})
        EXPECT_EQ(judge(Broken{phase, "x", false}).mailbox, MailboxAct::back_off) << name(phase);
    for (const auto phase : {connect, tls, starttls, auth})
        EXPECT_EQ(judge(Broken{phase, "x", true}).mailbox, MailboxAct::needs_a_person) << name(phase);
    for (const auto phase : {rcpt, data, body}) EXPECT_EQ(judge(Broken{phase, "x"}).blame, Blame::recipient_temporary);
}

TEST(Judge, DoesNotGuessAfterTheDot) {
    EXPECT_EQ(judge(Broken{dot, "reset"}).blame, Blame::unknown);
    EXPECT_EQ(judge(Accepted{{250, "2.0.0", "queued as 7"}}).blame, Blame::none);
    EXPECT_EQ(judge(Accepted{{250, "2.0.0", "queued as 7"}}).detail, "250 2.0.0 queued as 7");
}

TEST(Judge, CountsNothingForWhatWeGaveUp) {
    const auto verdict = judge(Abandoned{"budget"});

    EXPECT_EQ(verdict.blame, Blame::abandoned);
    EXPECT_EQ(verdict.reason, "budget");
}

}  // namespace

}  // namespace sequitur::domain
