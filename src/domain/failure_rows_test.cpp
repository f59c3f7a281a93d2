// The failure table, one test a row: what was seen → who is at fault, the mail, the mailbox, the contact, the next try.
//
// The rows are those of the failure taxonomy that the project began with; where one says another delay or another
// state than docs/decisions/0008 and 0040, those decide. The last test finds rules that no row has tried.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <set>

#include "domain/mailbox_rest.hpp"
#include "domain/reply_rules.hpp"
#include "domain/settlement.hpp"

namespace sequitur::domain {
namespace {

using enum SmtpPhase;
using enum Blame;
using Act = MailboxAct;

struct FailureRow {
    std::string_view name;
    std::vector<SendOutcome> seen;
    Blame blame{};
    Act act{};
    std::string_view reason;
};

void PrintTo(const FailureRow& row, std::ostream* out) { *out << row.name; }

SendOutcome says(SmtpPhase phase, int code, std::string enhanced = "", std::string text = "") {
    return Refused{phase, {code, std::move(enhanced), std::move(text)}};
}

std::vector<SendOutcome> all_of(SmtpPhase phase, int code, const std::vector<std::string>& enhanced) {
    std::vector<SendOutcome> seen;
    for (const auto& one : enhanced) seen.push_back(says(phase, code, one));
    return seen;
}

const std::vector<FailureRow> rows{
    {"NameServerSilent", {Broken{resolve, "try again"}}, mailbox, Act::host_back_off, "dns_failed"},
    {"NoSuchHost", {Broken{resolve, "no such name", true}}, mailbox, Act::host_thrice, "dns_failed"},
    {"ConnectRefused", {Broken{connect, "refused"}}, mailbox, Act::host_back_off, "connect_failed"},
    {"PrivateHost", {Broken{connect, "10.0.0.1 is private", true}}, mailbox, Act::needs_a_person, "host_refused"},
    {"HandshakeFailed", {Broken{tls, "reset"}}, mailbox, Act::host_back_off, "tls_failed"},
    {"CertificateRefused", {Broken{tls, "expired", true}}, mailbox, Act::needs_a_person, "tls_failed"},
    {"StarttlsAbsent", {Broken{starttls, "not offered", true}}, mailbox, Act::needs_a_person, "tls_failed"},
    {"StarttlsGarbage", {Broken{starttls, "garbage"}}, mailbox, Act::host_back_off, "tls_failed"},
    {"StarttlsLater", {says(starttls, 454, "4.7.0")}, mailbox, Act::host_back_off, "tls_failed"},
    {"StarttlsRefused", {says(starttls, 502)}, mailbox, Act::needs_a_person, "tls_failed"},
    {"GreetingSilent", {Broken{greeting, "no answer"}}, mailbox, Act::host_back_off, "greeting_failed"},
    {"GreetingBusy", {says(greeting, 421), says(greeting, 450)}, mailbox, Act::host_back_off, "throttled"},
    {"GreetingRefused", {says(greeting, 554), says(greeting, 521)}, mailbox, Act::host_thrice, "greeting_refused"},
    {"EhloLost", {Broken{ehlo, "reset"}}, mailbox, Act::host_back_off, "ehlo_failed"},
    {"EhloLater", {says(ehlo, 451)}, mailbox, Act::host_back_off, "ehlo_refused"},
    {"EhloRefused", {says(ehlo, 550), says(ehlo, 502)}, mailbox, Act::needs_a_person, "ehlo_refused"},
    {"LoginRefused",
     {says(auth, 535, "5.7.8"), says(auth, 534, "5.7.9"), says(auth, 538), says(mail, 535), says(mail, 538)},
     mailbox,
     Act::pause_login,
     "auth_failed"},
    {"BasicLoginSwitchedOff",
     {says(auth, 535, "5.7.30"), says(mail, 550, "5.7.30")},
     mailbox,
     Act::needs_a_person,
     "auth_failed"},
    {"LoginMissing", {says(mail, 530, "5.7.0"), says(auth, 530)}, mailbox, Act::needs_a_person, "auth_failed"},
    {"LoginLater",
     {says(auth, 454, "4.7.0"), says(auth, 421, "4.7.1"), says(auth, 432, "4.3.2")},
     mailbox,
     Act::back_off,
     "throttled"},
    {"LoginLost", {Broken{auth, "reset"}}, mailbox, Act::back_off, "auth_failed"},
    {"NoLoginInCommon", {Broken{auth, "not offered", true}}, mailbox, Act::needs_a_person, "auth_failed"},
    {"ServiceEnds421",
     {says(mail, 421), says(rcpt, 421), says(data, 421), says(body, 421), says(dot, 421)},
     mailbox,
     Act::back_off,
     "throttled"},
    {"TooManyConnections432", {says(mail, 432, "4.3.2"), says(dot, 432, "4.3.2")}, mailbox, Act::back_off, "throttled"},
    {"Throttled454", {says(mail, 454), says(rcpt, 454, "4.7.0"), says(dot, 454)}, mailbox, Act::back_off, "throttled"},
    {"SenderLater", {says(mail, 450), says(mail, 451, "4.3.0")}, mailbox, Act::back_off, "sender_deferred"},
    {"MailLost", {Broken{mail, "reset"}}, mailbox, Act::back_off, "connection_lost"},
    {"SenderRefused",
     {says(mail, 550, "5.7.1"), says(mail, 501), says(mail, 553), says(rcpt, 550, "5.1.8"), says(dot, 550, "5.1.7"),
      says(dot, 554, "5.2.252"), says(dot, 554, "5.2.0", "SendAsDenied")},
     mailbox,
     Act::needs_a_person,
     "sender_refused"},
    {"DailyLimit550",
     {says(mail, 550, "5.4.5"), says(rcpt, 550, "5.4.5"), says(dot, 550, "5.4.5")},
     mailbox,
     Act::hold,
     "quota"},
    {"SubmissionQuota554",
     {says(dot, 554, "5.2.0", "STOREDRV.Submission; SubmissionQuotaExceededException"),
      says(dot, 454, "", "Throttling failure: Daily message quota exceeded")},
     mailbox,
     Act::hold,
     "quota"},
    {"TooFastForOneRecipient", {says(rcpt, 452, "4.5.3")}, mailbox, Act::back_off, "throttled"},
    {"Greylisted",
     {says(rcpt, 450), says(rcpt, 451, "4.7.1"), says(rcpt, 450, "4.2.1"), says(rcpt, 450, "4.2.0"),
      says(rcpt, 451, "4.3.0")},
     recipient_temporary,
     Act::none,
     "deferred"},
    {"RecipientFull",
     {says(rcpt, 452, "4.2.2"), says(dot, 452, "4.2.2"), says(rcpt, 552, "5.2.2"), says(rcpt, 552), says(dot, 552)},
     recipient_temporary,
     Act::none,
     "mailbox_full"},
    {"NoSuchAddress", all_of(rcpt, 550, {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"}), recipient_hard, Act::none,
     "bad_address"},
    {"NoSuchAddressAtTheDot", all_of(dot, 550, {"5.1.1", "5.1.10"}), recipient_hard, Act::none, "bad_address"},
    {"BareRefusalAtRcpt",
     {says(rcpt, 550), says(rcpt, 551), says(rcpt, 553), says(rcpt, 550, "5.0.0")},
     recipient_hard,
     Act::none,
     "bad_address"},
    {"AddressDisabled", {says(rcpt, 550, "5.2.1")}, recipient_hard, Act::none, "address_disabled"},
    {"PolicyOrSpam",
     {says(rcpt, 550, "5.7.1"), says(dot, 550, "5.7.26"), says(dot, 550, "5.7.515"), says(dot, 554, "5.7.1"),
      says(dot, 554, "", "Message rejected as spam"), says(rcpt, 550, "", "listed at a blocklist")},
     blocked,
     Act::count_refusal,
     "policy"},
    {"RefusedWithoutReason",
     {says(rcpt, 554), says(dot, 550), says(dot, 554), says(data, 554), says(body, 554)},
     blocked,
     Act::count_refusal,
     "refused"},
    {"OddRefusalAtRcpt", {says(rcpt, 500), says(rcpt, 503, "5.5.1")}, recipient_temporary, Act::none, "refused"},
    {"DataLater", {says(data, 451), says(data, 450)}, recipient_temporary, Act::none, "deferred"},
    {"LostFromRcptToTheBody",
     {Broken{rcpt, "reset"}, Broken{data, "no answer"}, Broken{body, "broken pipe"}},
     recipient_temporary,
     Act::none,
     "connection_lost"},
    {"LostAnswerToTheDot", {Broken{dot, "no answer"}, Broken{dot, "reset"}}, Blame::unknown, Act::none, "no_answer"},
    {"Accepted", {Accepted{{250, "2.0.0", "queued as 7"}}}, Blame::none, Act::none, ""},
    {"DotLater", {says(dot, 451), says(dot, 450, "4.7.1")}, recipient_temporary, Act::none, "deferred"},
    {"TooLarge",
     {says(mail, 552, "5.3.4"), says(rcpt, 552, "5.2.3"), says(dot, 552, "5.3.4"),
      says(dot, 552, "", "message size exceeds limit"), says(mail, 552, "", "too large")},
     content,
     Act::none,
     "too_large"},
    {"ContentRefused", {says(dot, 554, "5.6.0"), says(rcpt, 553, "5.6.7")}, content, Act::none, "content_refused"},
    {"GivenUpByUs", {Abandoned{"budget"}}, abandoned, Act::none, "budget"},
    {"CodesThatDisagree",
     {says(rcpt, 550, "4.2.1"), says(rcpt, 450, "5.1.1")},
     recipient_temporary,
     Act::none,
     "deferred"},
};

class Failure : public ::testing::TestWithParam<FailureRow> {};

TEST_P(Failure, MeansWhatItsRowSays) {
    const auto& row = GetParam();
    for (const auto& seen : row.seen) {
        const auto verdict = judge(seen);
        EXPECT_EQ(name(verdict.blame), name(row.blame)) << verdict.detail;
        EXPECT_EQ(name(verdict.mailbox), name(row.act)) << verdict.detail;
        EXPECT_EQ(verdict.reason, row.reason) << verdict.detail;
        const auto settled = settle(verdict, EmailId{}, 0, 3, {});
        const bool counts = row.blame == recipient_temporary || row.blame == recipient_hard || row.blame == blocked ||
                            row.blame == content;
        EXPECT_EQ(counts, settled.status == EmailStatus::failed || settled.status == EmailStatus::permanent_failure);
        EXPECT_EQ(settled.reason == "bounced", row.blame == recipient_hard) << "only a dead address marks a contact";
        EXPECT_EQ(settled.next_try_in.has_value(), row.blame == recipient_temporary);
    }
}

INSTANTIATE_TEST_SUITE_P(Rows, Failure, ::testing::ValuesIn(rows),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(Failures, HaveARowForEveryRule) {
    std::set<const ReplyRule*> tried;
    std::set<std::pair<SmtpPhase, bool>> broken;
    for (const auto& row : rows) {
        for (const auto& seen : row.seen) {
            if (const auto* refused = std::get_if<Refused>(&seen))
                tried.insert(&rule_for(refused->phase, refused->reply));
            if (const auto* lost = std::get_if<Broken>(&seen)) broken.insert({lost->phase, lost->needs_a_person});
        }
    }
    for (const auto& rule : reply_rules())
        EXPECT_TRUE(tried.contains(&rule))
            << name(rule.from) << " " << rule.code_min << " " << rule.enhanced << rule.words;
    for (const auto& rule : broken_rules())
        EXPECT_TRUE(broken.contains({rule.phase, rule.needs_a_person})) << name(rule.phase);
}

TEST(Failures, TellAPersonWhatToDoAboutEveryReasonOfAMailbox) {
    for (const auto& rule : reply_rules())
        if (rule.blame == mailbox) { EXPECT_NE(remedy_for(rule.reason), "") << rule.reason; }
    for (const auto& rule : broken_rules())
        if (rule.blame == mailbox) { EXPECT_NE(remedy_for(rule.reason), "") << rule.reason; }
    EXPECT_EQ(remedy_for("on holiday"), "");
}

}  // namespace
}  // namespace sequitur::domain
