#include "domain/reply_rules.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cctype>

namespace sequitur::domain {

namespace {

using enum SmtpPhase;
using enum Blame;
using Act = MailboxAct;

constexpr std::string_view spam_words =
    "spam|blacklist|blocklist|block list|blocked|policy|reputation|spf|dkim|dmarc|unsolicited|junk|banned|rbl|dnsbl";
constexpr std::string_view size_words = "size|too large|too big|too long";
constexpr std::string_view quota_words = "submissionquotaexceeded|quotaexceeded|daily user sending|daily sending|"
                                         "sending limit|throttling|maximum sending rate";

constexpr std::array rules{
    // Our side, whatever the phase: the mailbox waits, the mail's count stays.
    ReplyRule{greeting, greeting, 400, 499, "", "", mailbox, Act::host_back_off, "throttled"},
    ReplyRule{greeting, greeting, 500, 599, "", "", mailbox, Act::host_thrice, "greeting_refused"},
    ReplyRule{greeting, dot, 421, 421, "", "", mailbox, Act::back_off, "throttled"},
    ReplyRule{ehlo, ehlo, 400, 499, "", "", mailbox, Act::host_back_off, "ehlo_refused"},
    ReplyRule{ehlo, ehlo, 500, 599, "", "", mailbox, Act::needs_a_person, "ehlo_refused"},
    ReplyRule{starttls, starttls, 400, 499, "", "", mailbox, Act::host_back_off, "tls_failed"},
    ReplyRule{starttls, starttls, 500, 599, "", "", mailbox, Act::needs_a_person, "tls_failed"},
    ReplyRule{auth, auth, 400, 499, "", "", mailbox, Act::back_off, "throttled"},
    ReplyRule{auth, dot, 500, 599, "5.7.30", "", mailbox, Act::needs_a_person, "auth_failed"},
    ReplyRule{auth, dot, 530, 530, "", "", mailbox, Act::needs_a_person, "auth_failed"},
    ReplyRule{auth, auth, 500, 599, "", "", mailbox, Act::pause_login, "auth_failed"},
    ReplyRule{mail, dot, 534, 535, "", "", mailbox, Act::pause_login, "auth_failed"},
    ReplyRule{mail, dot, 538, 538, "", "", mailbox, Act::pause_login, "auth_failed"},
    ReplyRule{mail, dot, 500, 599, "5.4.5", "", mailbox, Act::hold, "quota"},
    ReplyRule{mail, dot, 400, 599, "", quota_words, mailbox, Act::hold, "quota"},
    ReplyRule{mail, dot, 454, 454, "", "", mailbox, Act::back_off, "throttled"},
    ReplyRule{mail, dot, 432, 432, "", "", mailbox, Act::back_off, "throttled"},
    ReplyRule{mail, dot, 500, 599, "5.1.7|5.1.8", "", mailbox, Act::needs_a_person, "sender_refused"},
    ReplyRule{mail, dot, 500, 599, "5.2.252", "", mailbox, Act::needs_a_person, "sender_refused"},
    ReplyRule{mail, dot, 500, 599, "", "sendasdenied", mailbox, Act::needs_a_person, "sender_refused"},

    // This mail as it is: too big, or not to be carried.
    ReplyRule{mail, dot, 500, 599, "5.3.4|5.2.3", "", content, Act::none, "too_large"},
    ReplyRule{mail, dot, 500, 599, "5.6.*", "", content, Act::none, "content_refused"},

    // MAIL names only ourselves.
    ReplyRule{mail, mail, 552, 552, "", size_words, content, Act::none, "too_large"},
    ReplyRule{mail, mail, 400, 499, "", "", mailbox, Act::back_off, "sender_deferred"},
    ReplyRule{mail, mail, 500, 599, "", "", mailbox, Act::needs_a_person, "sender_refused"},

    // RCPT, DATA, the body and the dot: temporary.
    ReplyRule{rcpt, rcpt, 400, 499, "4.5.3", "", mailbox, Act::back_off, "throttled"},
    ReplyRule{rcpt, dot, 400, 499, "4.2.2", "", recipient_temporary, Act::none, "mailbox_full"},
    ReplyRule{rcpt, dot, 400, 499, "", "", recipient_temporary, Act::none, "deferred"},

    // Permanent: the address is dead.
    ReplyRule{rcpt, dot, 500, 599, "5.1.1|5.1.2|5.1.3|5.1.6|5.1.10", "", recipient_hard, Act::none, "bad_address"},
    ReplyRule{rcpt, dot, 500, 599, "5.2.1", "", recipient_hard, Act::none, "address_disabled"},
    ReplyRule{rcpt, dot, 500, 599, "5.2.2", "", recipient_temporary, Act::none, "mailbox_full"},

    // Permanent: somebody's policy, not the contact's fault.
    ReplyRule{rcpt, dot, 500, 599, "5.7.*", "", blocked, Act::count_refusal, "policy"},
    ReplyRule{rcpt, dot, 550, 554, "none", spam_words, blocked, Act::count_refusal, "policy"},

    // Without an enhanced code.
    ReplyRule{rcpt, rcpt, 552, 552, "none", "", recipient_temporary, Act::none, "mailbox_full"},
    ReplyRule{data, dot, 552, 552, "none", size_words, content, Act::none, "too_large"},
    ReplyRule{data, dot, 552, 552, "none", "", recipient_temporary, Act::none, "mailbox_full"},
    ReplyRule{rcpt, rcpt, 550, 551, "none", "", recipient_hard, Act::none, "bad_address"},
    ReplyRule{rcpt, rcpt, 553, 553, "none", "", recipient_hard, Act::none, "bad_address"},
    ReplyRule{rcpt, rcpt, 554, 554, "none", "", blocked, Act::count_refusal, "refused"},

    // Whatever is left: at RCPT the milder reading, later the mail itself was refused.
    ReplyRule{rcpt, rcpt, 500, 599, "", "", recipient_temporary, Act::none, "refused"},
    ReplyRule{data, dot, 500, 599, "", "", blocked, Act::count_refusal, "refused"},
};

bool is_bare(std::string_view enhanced) { return enhanced.empty() || enhanced.ends_with(".0.0"); }

bool is_alternative(std::string_view enhanced, std::string_view alternative) {
    if (alternative == "none") return is_bare(enhanced);
    if (alternative.ends_with('*')) return enhanced.starts_with(alternative.substr(0, alternative.size() - 1));
    return enhanced == alternative;
}

bool any_alternative(std::string_view list, auto&& fits) {
    while (true) {
        const auto bar = list.find('|');
        if (fits(list.substr(0, bar))) return true;
        if (bar == std::string_view::npos) return false;
        list.remove_prefix(bar + 1);
    }
}

std::string lower(std::string_view text) {
    std::string result{text};
    std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

// A server that says `550 4.2.1` contradicts itself. The reply parser leaves such a code in the text.
bool says_temporary(const SmtpReply& reply) {
    const std::string_view code = reply.enhanced.empty() ? std::string_view{reply.text} : reply.enhanced;
    return code.size() >= 5 && code[0] == '4' && code[1] == '.' &&
           std::isdigit(static_cast<unsigned char>(code[2])) != 0;
}

bool fits(const ReplyRule& rule, SmtpPhase phase, int code, std::string_view enhanced, std::string_view text) {
    if (phase < rule.from || phase > rule.to || code < rule.code_min || code > rule.code_max) return false;
    if (!rule.enhanced.empty() &&
        !any_alternative(rule.enhanced, [&](std::string_view one) { return is_alternative(enhanced, one); }))
        return false;
    return rule.words.empty() ||
           any_alternative(rule.words, [&](std::string_view one) { return text.find(one) != std::string_view::npos; });
}

}  // namespace

std::span<const ReplyRule> reply_rules() { return rules; }

const ReplyRule& rule_for(SmtpPhase phase, const SmtpReply& reply) {
    const bool is_milder = reply.code >= 500 && says_temporary(reply);
    const int code = is_milder ? reply.code - 100 : reply.code;
    const auto text = lower(reply.text);
    const auto rule = std::ranges::find_if(
        rules, [&](const ReplyRule& row) { return fits(row, std::max(phase, greeting), code, reply.enhanced, text); });
    assert(rule != rules.end());
    return *rule;
}

}  // namespace sequitur::domain
