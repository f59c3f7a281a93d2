#include "mail/smtp_commands.hpp"

#include <algorithm>

#include "base/byte_scan.hpp"
#include "mail/utf8.hpp"

namespace sequitur::mail {

using domain::Refused;
using domain::SmtpPhase;
using domain::SmtpReply;

namespace {

constexpr std::size_t path_bytes_max = 320;

bool is_path(std::string_view path) {
    const bool is_safe = !path.empty() && path.size() <= path_bytes_max && std::ranges::all_of(path, [](char c) {
        return c < 0 || (c > ' ' && c < 0x7f && c != '<' && c != '>');
    });
    return is_safe && (scan::is_ascii(path) || well_formed(path) == path);
}

}  // namespace

bool SmtpMail::needs_smtputf8() const { return !scan::is_ascii(from) || !scan::is_ascii(to); }

bool has_dots(std::string_view message) {
    return message.starts_with('.') || scan::pair(message, '\n', '.') != std::string_view::npos;
}

std::string xtext(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        if (c > ' ' && c < 0x7f && c != '+' && c != '=') {
            encoded += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        ((encoded += '+') += digits[byte >> 4]) += digits[byte & 15];
    }
    return encoded;
}

void append_mail_command(std::string& out, const SmtpMail& mail, const EnvelopeOptions& options) {
    out.append("MAIL FROM:<").append(mail.from).append(1, '>');
    if (options.size) out.append(" SIZE=").append(std::to_string(mail.message.size()));
    if (options.smtputf8) out += " SMTPUTF8";
    if (options.dsn) out.append(" RET=HDRS ENVID=").append(mail.email.uuid.hex());
    out += "\r\n";
}

// The original recipient goes along where it is ASCII; another one would need RFC 6533 at the other end.
void append_rcpt_command(std::string& out, std::string_view to, const EnvelopeOptions& options) {
    out.append("RCPT TO:<").append(to).append(1, '>');
    if (options.dsn) out += " NOTIFY=FAILURE,DELAY";
    if (options.dsn && scan::is_ascii(to)) out.append(" ORCPT=rfc822;").append(xtext(to));
    out += "\r\n";
}

std::optional<domain::SendOutcome> envelope_refusal(const SmtpMail& mail, bool server_knows_smtputf8) {
    if (!is_path(mail.from)) return Refused{SmtpPhase::mail, {553, "5.1.7", "refused here: not an address"}};
    if (!is_path(mail.to)) return Refused{SmtpPhase::rcpt, {553, "5.1.3", "refused here: not an address"}};
    if (server_knows_smtputf8 || !mail.needs_smtputf8()) return std::nullopt;
    return Refused{scan::is_ascii(mail.to) ? SmtpPhase::mail : SmtpPhase::rcpt,
                   {553, "5.6.7", "refused here: the address needs SMTPUTF8, which the server does not offer"}};
}

}  // namespace sequitur::mail
