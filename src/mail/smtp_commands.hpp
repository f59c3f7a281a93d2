// The commands of one mail's envelope, and what is refused before anything is said. Pure.
// RFC 5321 §4.1.1, 1870 (SIZE), 3461 (DSN), 6531 (SMTPUTF8).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "domain/delivery.hpp"

namespace sequitur::mail {

/// Borrowed until the transaction is over; `message` only until ready_for_dot.
struct SmtpMail {
    std::string_view from;
    std::string_view to;
    std::string_view message;  ///< ends in CRLF
    EmailId email{};           ///< by which a report (DSN) names it
    bool may_have_dots = true;  ///< false: no line begins with one, the bytes can go as they are

    bool needs_smtputf8() const;
};

/// What the server has offered and the mailbox wants.
struct EnvelopeOptions {
    bool size = false;
    bool dsn = false;
    bool smtputf8 = false;
};

/// With CRLF.
void append_mail_command(std::string& out, const SmtpMail& mail, const EnvelopeOptions& options);
void append_rcpt_command(std::string& out, std::string_view to, const EnvelopeOptions& options);

/// Of a message: whether a dot is to be doubled before it goes (RFC 5321 §4.5.2).
bool has_dots(std::string_view message);

/// What may not stand between < and >: it could end the command and begin another, or the server can not read it.
std::optional<domain::SendOutcome> envelope_refusal(const SmtpMail& mail, bool server_knows_smtputf8);

/// RFC 3461 §4.
std::string xtext(std::string_view text);

}  // namespace sequitur::mail
