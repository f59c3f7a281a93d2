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

std::string envelope_id(const EmailId& email) {
    auto text = email.text();
    std::erase(text, '-');
    return text;
}

}  // namespace

bool SmtpMail::needs_smtputf8() const { return !scan::is_ascii(from) || !scan::is_ascii(to); }

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

std::string mail_command(const SmtpMail& mail, const EnvelopeOptions& options) {
    auto line = std::string{"MAIL FROM:<"}.append(mail.from).append(1, '>');
    if (options.size) line.append(" SIZE=").append(std::to_string(mail.message.size()));
    if (options.smtputf8) line += " SMTPUTF8";
    if (options.dsn) line.append(" RET=HDRS ENVID=").append(envelope_id(mail.email));
    return line += "\r\n";
}

// The original recipient goes along where it is ASCII; another one would need RFC 6533 at the other end.
std::string rcpt_command(std::string_view to, const EnvelopeOptions& options) {
    auto line = std::string{"RCPT TO:<"}.append(to).append(1, '>');
    if (options.dsn) line += " NOTIFY=FAILURE,DELAY";
    if (options.dsn && scan::is_ascii(to)) line.append(" ORCPT=rfc822;").append(xtext(to));
    return line += "\r\n";
}

std::optional<domain::SendOutcome> envelope_refusal(const SmtpMail& mail, bool server_knows_smtputf8) {
    if (!is_path(mail.from)) return Refused{SmtpPhase::mail, {553, "5.1.7", "refused here: not an address"}};
    if (!is_path(mail.to)) return Refused{SmtpPhase::rcpt, {553, "5.1.3", "refused here: not an address"}};
    if (server_knows_smtputf8 || !mail.needs_smtputf8()) return std::nullopt;
    return Refused{scan::is_ascii(mail.to) ? SmtpPhase::mail : SmtpPhase::rcpt,
                   {553, "5.6.7", "refused here: the address needs SMTPUTF8, which the server does not offer"}};
}

}  // namespace sequitur::mail
