#include "mail/composer.hpp"

#include <cassert>
#include <stdexcept>

#include "base/byte_scan.hpp"
#include "mail/header_field.hpp"
#include "mail/html_to_text.hpp"
#include "mail/quoted_printable.hpp"
#include "mail/sha256.hpp"
#include "mail/text_source.hpp"

namespace sequitur::mail {

using domain::ComposedMail;
using domain::MailParts;

namespace {

constexpr std::size_t line_bytes_max = 998;  // RFC 5322 §2.1.1, without CRLF
constexpr std::size_t references_edge_max = 15;

std::string_view domain_of(std::string_view address) {
    const auto at = address.rfind('@');
    if (at == std::string_view::npos) throw std::invalid_argument("not an address in the header field From");
    return address.substr(at + 1);
}

// The first mails name the thread, the last ones the place in it; the middle is what readers can miss.
std::vector<std::string> shortened(const std::vector<std::string>& references) {
    if (references.size() <= 2 * references_edge_max) return references;
    std::vector<std::string> kept{references.begin(), references.begin() + references_edge_max};
    kept.insert(kept.end(), references.end() - references_edge_max, references.end());
    return kept;
}

void append_headers(std::string& message, const MailParts& parts) {
    const std::vector ids{message_id_of(parts.email, domain_of(parts.from_address))};
    message += address_field("From", parts.from_name, parts.from_address);
    message += address_field("To", parts.to_name, parts.to_address);
    message += text_field("Subject", parts.subject);
    message += date_field(parts.date, parts.utc_offset_minutes);
    message += ids_field("Message-ID", ids);
    if (!parts.references.empty()) {
        message += ids_field("In-Reply-To", std::span{parts.references}.last(1));
        message += ids_field("References", shortened(parts.references));
    }
    message += "MIME-Version: 1.0\r\nX-Sequitur-Id: ";
    message += parts.email.text();
    message += "\r\n";
}

void append_part(std::string& message, std::string_view type, std::string_view content) {
    const EncodedBody body{content};
    message += "Content-Type: ";
    message += type;
    message += "; charset=utf-8\r\nContent-Transfer-Encoding: ";
    message += body.encoding();
    message += "\r\n\r\n";
    body.append_to(message);
}

void append_body(std::string& message, const MailParts& parts) {
    if (parts.html.empty()) return append_part(message, "text/plain", parts.text.value_or(""));
    // `=_` can not occur in quoted-printable or base64, and no 7bit line is taken for it: it holds the id.
    const auto boundary = "=_sequitur_" + parts.email.uuid.hex();
    message += "Content-Type: multipart/alternative;\r\n boundary=\"" + boundary + "\"\r\n\r\n--" + boundary + "\r\n";
    append_part(message, "text/plain", parts.text ? std::string_view{*parts.text} : html_to_text(parts.html));
    message += "\r\n--" + boundary + "\r\n";
    append_part(message, "text/html", parts.html);
    message += "\r\n--" + boundary + "--\r\n";
}

bool has_lawful_lines(std::string_view message) {
    while (!message.empty()) {
        const auto end = scan::line_end(message);
        if (end > line_bytes_max || message.substr(end, 2) != "\r\n") return false;
        message.remove_prefix(end + 2);
    }
    return true;
}

}  // namespace

std::string message_id_of(const EmailId& email, std::string_view domain) {
    return "<sequitur." + email.uuid.hex() + '@' + std::string{domain} + '>';
}

ComposedMail MimeComposer::compose(const MailParts& parts) const {
    constexpr std::size_t headers_bytes = 1024;
    std::string message;
    message.reserve(headers_bytes +
                    (parts.html.size() + (parts.text ? parts.text->size() : parts.html.size())) * 17 / 16);
    append_headers(message, parts);
    append_body(message, parts);
    assert(has_lawful_lines(message));
    auto sha256 = sha256_hex(message);
    return {std::move(message), std::move(sha256)};
}

std::optional<std::string> MimeComposer::text_source(std::string_view html_source) const {
    return mail::text_source(html_source);
}

}  // namespace sequitur::mail
