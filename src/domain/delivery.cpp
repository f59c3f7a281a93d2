#include "domain/delivery.hpp"

#include <array>
#include <cassert>
#include <string_view>

#include "base/match.hpp"
#include "domain/reply_rules.hpp"

namespace sequitur::domain {

namespace {

using enum SmtpPhase;
using Act = MailboxAct;

// Until MAIL is answered nothing was said about any recipient, so nothing may count against one. From
// RCPT on the mail takes part in what happens: it counts, or one that kills the connection never ends.
constexpr std::array rules{
    BrokenRule{resolve, false, Blame::mailbox, Act::host_back_off, "dns_failed"},
    BrokenRule{resolve, true, Blame::mailbox, Act::host_thrice, "dns_failed"},
    BrokenRule{connect, false, Blame::mailbox, Act::host_back_off, "connect_failed"},
    BrokenRule{connect, true, Blame::mailbox, Act::needs_a_person, "host_refused"},
    BrokenRule{tls, false, Blame::mailbox, Act::host_back_off, "tls_failed"},
    BrokenRule{tls, true, Blame::mailbox, Act::needs_a_person, "tls_failed"},
    BrokenRule{greeting, false, Blame::mailbox, Act::host_back_off, "greeting_failed"},
    BrokenRule{ehlo, false, Blame::mailbox, Act::host_back_off, "ehlo_failed"},
    BrokenRule{starttls, false, Blame::mailbox, Act::host_back_off, "tls_failed"},
    BrokenRule{starttls, true, Blame::mailbox, Act::needs_a_person, "tls_failed"},
    BrokenRule{auth, false, Blame::mailbox, Act::back_off, "auth_failed"},
    BrokenRule{auth, true, Blame::mailbox, Act::needs_a_person, "auth_failed"},
    BrokenRule{mail, false, Blame::mailbox, Act::back_off, "connection_lost"},
    BrokenRule{rcpt, false, Blame::recipient_temporary, Act::none, "connection_lost"},
    BrokenRule{data, false, Blame::recipient_temporary, Act::none, "connection_lost"},
    BrokenRule{body, false, Blame::recipient_temporary, Act::none, "connection_lost"},
    BrokenRule{dot, false, Blame::unknown, Act::none, "no_answer"},
};

std::string words(const SmtpReply& reply) {
    auto text = std::to_string(reply.code);
    if (!reply.enhanced.empty()) text += ' ' + reply.enhanced;
    if (!reply.text.empty()) text += ' ' + reply.text;
    return text;
}

// Where the table knows no second row for a phase, a person helps no more than waiting does.
Verdict judge_broken(const Broken& broken) {
    const BrokenRule* found = nullptr;
    for (const auto& rule : rules)
        if (rule.phase == broken.phase && (!found || rule.needs_a_person == broken.needs_a_person)) found = &rule;
    assert(found);
    return {found->blame, found->act, std::string{found->reason}, broken.reason};
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

std::string_view name(Blame blame) {
    constexpr std::array<std::string_view, 8> names{
        "none", "recipient, for now", "recipient", "mailbox", "policy", "content", "unknown", "abandoned"};
    return names.at(static_cast<std::size_t>(blame));
}

std::string_view name(MailboxAct act) {
    constexpr std::array<std::string_view, 8> names{"none", "back_off",      "host_back_off", "host_thrice",
                                                    "hold", "count_refusal", "pause_login",   "needs_a_person"};
    return names.at(static_cast<std::size_t>(act));
}

std::span<const BrokenRule> broken_rules() { return rules; }

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
