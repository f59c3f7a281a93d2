#include "domain/delivery.hpp"

#include <array>
#include <cassert>
#include <string_view>

#include "base/match.hpp"
#include "domain/reply_rules.hpp"

namespace sequitur::domain {

namespace {

struct BrokenRule {
    SmtpPhase phase{};
    Blame blame{};
    std::string_view reason;
};

// Until MAIL is answered nothing was said about any recipient, so nothing may count against one. From
// RCPT on the mail takes part in what happens: it counts, or one that kills the connection never ends.
constexpr std::array broken_rules{
    BrokenRule{SmtpPhase::resolve, Blame::mailbox, "dns_failed"},
    BrokenRule{SmtpPhase::connect, Blame::mailbox, "connect_failed"},
    BrokenRule{SmtpPhase::tls, Blame::mailbox, "tls_failed"},
    BrokenRule{SmtpPhase::greeting, Blame::mailbox, "greeting_failed"},
    BrokenRule{SmtpPhase::ehlo, Blame::mailbox, "ehlo_failed"},
    BrokenRule{SmtpPhase::starttls, Blame::mailbox, "tls_failed"},
    BrokenRule{SmtpPhase::auth, Blame::mailbox, "auth_failed"},
    BrokenRule{SmtpPhase::mail, Blame::mailbox, "connection_lost"},
    BrokenRule{SmtpPhase::rcpt, Blame::recipient_temporary, "connection_lost"},
    BrokenRule{SmtpPhase::data, Blame::recipient_temporary, "connection_lost"},
    BrokenRule{SmtpPhase::body, Blame::recipient_temporary, "connection_lost"},
    BrokenRule{SmtpPhase::dot, Blame::unknown, "no_answer"},
};

std::string words(const SmtpReply& reply) {
    auto text = std::to_string(reply.code);
    if (!reply.enhanced.empty()) text += ' ' + reply.enhanced;
    if (!reply.text.empty()) text += ' ' + reply.text;
    return text;
}

Verdict judge_broken(const Broken& broken) {
    const auto& rule = broken_rules.at(static_cast<std::size_t>(broken.phase));
    assert(rule.phase == broken.phase);
    auto act = MailboxAct::none;
    if (rule.blame == Blame::mailbox) act = broken.needs_a_person ? MailboxAct::needs_a_person : MailboxAct::back_off;
    return {rule.blame, act, std::string{rule.reason}, broken.reason};
}

Verdict judge_refused(const Refused& refused) {
    const auto& rule = rule_for(refused.phase, refused.reply);
    return {rule.blame, rule.act, std::string{rule.reason}, words(refused.reply)};
}

}  // namespace

std::string_view name(SmtpPhase phase) {
    constexpr std::array<std::string_view, 12> names{"resolve", "connect", "tls",  "greeting", "ehlo", "starttls",
                                                     "auth",    "mail",    "rcpt", "data",     "body", "dot"};
    return names.at(static_cast<std::size_t>(phase));
}

Verdict judge(const SendOutcome& outcome) {
    return std::visit(
        match{
            [](const Accepted& yes) { return Verdict{Blame::none, MailboxAct::none, "", words(yes.reply)}; },
            [](const Refused& no) { return judge_refused(no); },
            [](const Broken& broken) { return judge_broken(broken); },
            [](const Abandoned& ours) { return Verdict{Blame::abandoned, MailboxAct::none, ours.reason, ours.reason}; },
        },
        outcome);
}

}  // namespace sequitur::domain
