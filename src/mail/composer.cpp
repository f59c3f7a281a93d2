#include "mail/composer.hpp"

#include <array>
#include <cassert>
#include <cstring>
#include <stdexcept>

#include "base/buffers.hpp"
#include "base/byte_scan.hpp"
#include "domain/attachment.hpp"
#include "domain/custom_header.hpp"
#include "mail/attachment_part.hpp"
#include "mail/header_field.hpp"
#include "mail/html_to_text.hpp"
#include "mail/quoted_printable.hpp"
#include "mail/text_source.hpp"

namespace sequitur::mail {

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

void check_additions(const MailParts& parts) {
    if (parts.custom_headers.size() > domain::custom_headers_max)
        throw std::invalid_argument("more than 20 custom headers");
    for (const auto& [name, value] : parts.custom_headers)
        if (const auto problem = domain::problem_of_custom_header(name, value))
            throw std::invalid_argument("a custom header: " + *problem);
    if (!scan::is_ascii(parts.reply_to))
        throw std::invalid_argument("an address that is not ASCII in the header field Reply-To");
    if (const auto problem = domain::problem_of_attachments(parts.attachments)) throw std::invalid_argument(*problem);
}

void append_unsubscribe(std::string& message, const MailParts& parts) {
    if (parts.unsubscribe_url.empty()) return;
    const std::array<std::string_view, 2> uris{parts.unsubscribe_url, parts.unsubscribe_mailto};
    append_uris_field(message, "List-Unsubscribe", std::span{uris}.first(parts.unsubscribe_mailto.empty() ? 1 : 2));
    message += "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";  // RFC 8058 §3.1, byte for byte
}

void append_message_id(std::string& message, std::string_view id_hex, std::string_view domain) {
    message += "Message-ID: <sequitur.";
    message += id_hex;
    message += '@';
    message += domain;
    message += ">\r\n";
}

void append_headers(std::string& message, const MailParts& parts, std::string_view id_hex) {
    append_address_field(message, "From", parts.from_name, parts.from_address);
    append_address_field(message, "To", parts.to_name, parts.to_address);
    if (!parts.reply_to.empty()) append_address_field(message, "Reply-To", {}, parts.reply_to);
    append_text_field(message, "Subject", parts.subject);
    append_date_field(message, parts.date, parts.utc_offset_minutes);
    append_message_id(message, id_hex, domain_of(parts.from_address));
    if (!parts.references.empty()) {
        append_ids_field(message, "In-Reply-To", std::span{parts.references}.last(1));
        append_ids_field(message, "References", shortened(parts.references));
    }
    append_unsubscribe(message, parts);
    for (const auto& [name, value] : parts.custom_headers) append_text_field(message, name, value);
    message += "X-Sequitur-Id: ";
    parts.email.uuid.append_text(message);
    message += "\r\nMIME-Version: 1.0\r\n";
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

/// `=_` can not occur in quoted-printable or base64, and no 7bit line is taken for it: it holds the id.
class Multipart {
public:
    Multipart(std::string& message, std::string_view kind, std::string_view mark, std::string_view id_hex)
        : message_(message), mark_(mark), id_hex_(id_hex) {
        message_ += "Content-Type: multipart/";
        message_ += kind;
        append_boundary(";\r\n boundary=\"", "\"\r\n");
    }
    void begin_part() { append_boundary("\r\n--", "\r\n"); }
    void end() { append_boundary("\r\n--", "--\r\n"); }

private:
    void append_boundary(std::string_view before, std::string_view after) {
        message_ += before;
        message_ += "=_sequitur_";
        message_ += mark_;
        message_ += id_hex_;
        message_ += after;
    }

    std::string& message_;
    std::string_view mark_;
    std::string_view id_hex_;
};

void append_texts(std::string& message, const MailParts& parts, std::string_view id_hex) {
    if (parts.html.empty()) return append_part(message, "text/plain", parts.text ? *parts.text : std::string_view{});
    Multipart alternative{message, "alternative", "", id_hex};
    alternative.begin_part();
    if (parts.text)
        append_part(message, "text/plain", *parts.text);
    else
        append_part(message, "text/plain", html_to_text(parts.html));
    alternative.begin_part();
    append_part(message, "text/html", parts.tracked_html ? *parts.tracked_html : parts.html);
    alternative.end();
}

void append_body(std::string& message, const MailParts& parts, std::string_view id_hex) {
    if (parts.attachments.empty()) return append_texts(message, parts, id_hex);
    Multipart mixed{message, "mixed", "mixed_", id_hex};
    mixed.begin_part();
    append_texts(message, parts, id_hex);
    for (const auto& attachment : parts.attachments) {
        mixed.begin_part();
        append_attachment(message, attachment);
    }
    mixed.end();
}

/// Each CR has its LF, each LF its CR, and there is no NUL. Two blocks a byte apart are compared at once: a look at
/// every line would be an eighth of what a mail costs.
bool has_only_crlf(std::string_view message) {
    if (message.starts_with('\n') || !message.ends_with("\r\n")) return false;
    const auto wrong_at = [&](std::size_t at) {
        const auto here = scan::block_at(message, at);
        return ((here == '\r') ^ (scan::block_at(message, at + 1) == '\n')) | (here == '\0');
    };
    std::size_t at = 0;
    for (; at + scan::stride_bytes < message.size(); at += scan::stride_bytes)
        if (!scan::is_clear(wrong_at, at)) return false;
    for (; at + 1 < message.size(); ++at)
        if ((message[at] == '\r') != (message[at + 1] == '\n') || message[at] == '\0') return false;
    return true;
}

/// From the start of a line, the last line end within reach: all lines up to there are short enough.
bool has_short_lines(std::string_view message) {
    while (!message.empty()) {
        const auto end = message.substr(0, line_bytes_max + 2).rfind('\n');
        if (end == std::string_view::npos) return false;
        message.remove_prefix(end + 1);
    }
    return true;
}

}  // namespace

std::string message_id_of(const EmailId& email, std::string_view domain) {
    return "<sequitur." + email.uuid.hex() + '@' + std::string{domain} + '>';
}

std::string MimeComposer::compose(const MailParts& parts) const {
    constexpr std::size_t headers_bytes = 1536;
    check_additions(parts);
    const auto id_digits = parts.email.uuid.hex_digits();
    const std::string_view id_hex{id_digits.data(), id_digits.size()};
    const auto html_bytes = parts.tracked_html ? parts.tracked_html->size() : parts.html.size();
    auto message = take_buffer(headers_bytes + (html_bytes + (parts.text ? parts.text->size() : html_bytes)) * 17 / 16);
    append_headers(message, parts, id_hex);
    append_body(message, parts, id_hex);
    assert(has_only_crlf(message) && has_short_lines(message));
    return message;
}

std::optional<std::string> MimeComposer::text_source(std::string_view html_source) const {
    return mail::text_source(html_source);
}

}  // namespace sequitur::mail
