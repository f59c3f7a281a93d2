// What an SMTP conversation came to, and what it means: the one place that reads a server's answer.
//
// A conversation ends in one of four ways. `judge` turns that into who is at fault: the recipient,
// the mailbox, the content, nobody yet, or `unknown` when the dot left and no answer came.
// Source: docs/decisions/0008-what-a-reply-means.md, RFC 5321 §4.2, RFC 3463.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace sequitur::domain {

/// Where in the conversation it ended. Everything before `dot` is provably not accepted.
enum class SmtpPhase { resolve, connect, tls, greeting, ehlo, starttls, auth, mail, rcpt, data, body, dot };
std::string_view name(SmtpPhase phase);

struct SmtpReply {
    int code = 0;          ///< 200–599
    std::string enhanced;  ///< "5.1.1", or empty
    std::string text;      ///< the server's words without the codes; lines joined by '\n'; at most 1,000 bytes
};

/// A complete 2yz answer to the dot.
struct Accepted {
    SmtpReply reply;
};
/// A complete negative answer, in whatever phase: definitely not accepted.
struct Refused {
    SmtpPhase phase{};
    SmtpReply reply;
};
/// No complete answer: connection lost, time-out, TLS failure, garbage. In phase `dot` nobody knows.
struct Broken {
    SmtpPhase phase{};
    std::string reason;
    /// Certificate, name mismatch, STARTTLS missing, no such host: waiting will not help.
    bool needs_a_person = false;
};
/// Given up by us before the dot: permit refused, budget over, shutdown. Definitely not accepted.
struct Abandoned {
    std::string reason;
};
using SendOutcome = std::variant<Accepted, Refused, Broken, Abandoned>;

enum class Blame {
    none,                 ///< accepted
    recipient_temporary,  ///< try this mail again later; counts
    recipient_hard,       ///< the address is dead: contact `bounced`
    mailbox,              ///< our side: the mailbox backs off, the mail's count stays
    blocked,              ///< policy or spam refusal of this mail; the contact is not at fault
    content,              ///< this mail can not be sent as it is
    unknown,              ///< the dot left, no answer came
    abandoned,            ///< back to `scheduled`, nothing counts
};
std::string_view name(Blame blame);

/// What becomes of the mailbox. How long each rests: mailbox_rest.hpp.
enum class MailboxAct {
    none,
    back_off,        ///< rests 1, 2, 4 … 60 min
    host_back_off,   ///< the same, and with it the others of its server once several fail
    host_thrice,     ///< the same; the third failure in a row waits for a person
    hold,            ///< a limit of its provider: rests an hour, as often as it is told so
    count_refusal,   ///< sends on; three such refusals among its last twenty mails pause it
    pause_login,     ///< waits for a person; one mail probes the login after an hour, once
    needs_a_person,  ///< waits for a person
};
std::string_view name(MailboxAct act);

/// What a conversation without a complete answer means, by the phase in which it ended.
struct BrokenRule {
    SmtpPhase phase{};
    bool needs_a_person = false;
    Blame blame{};
    MailboxAct act{};
    std::string_view reason;
};
std::span<const BrokenRule> broken_rules();

struct Verdict {
    Blame blame = Blame::none;
    MailboxAct mailbox = MailboxAct::none;
    std::string reason;  ///< one word for `reason`/`state_reason`: auth_failed, connect_failed, quota, …
    std::string detail;  ///< the server's own words, for people
    auto operator<=>(const Verdict&) const = default;
};

Verdict judge(const SendOutcome& outcome);

}  // namespace sequitur::domain
