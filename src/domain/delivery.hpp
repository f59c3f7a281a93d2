// What an SMTP conversation came to, and what it means: the one place that reads a server's answer.
//
// A conversation ends in one of four ways. `judge` turns that into who is at fault: the recipient,
// the mailbox, the content, nobody yet, or `unknown` when the dot left and no answer came.
// Source: docs/decisions/0008-what-a-reply-means.md, RFC 5321 §4.2, RFC 3463.
#pragma once

#include <string>
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
    bool needs_a_person = false;  ///< certificate, name mismatch, STARTTLS missing: waiting will not help
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

/// What the mailbox does after a failure of its own.
enum class MailboxAct { none, back_off, needs_a_person };

struct Verdict {
    Blame blame = Blame::none;
    MailboxAct mailbox = MailboxAct::none;
    std::string reason;  ///< one word for `reason`/`state_reason`: auth_failed, connect_failed, quota, …
    std::string detail;  ///< the server's own words, for people
    auto operator<=>(const Verdict&) const = default;
};

Verdict judge(const SendOutcome& outcome);

}  // namespace sequitur::domain
