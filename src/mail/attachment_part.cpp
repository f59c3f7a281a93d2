#include "mail/attachment_part.hpp"

#include <algorithm>

#include "domain/attachment.hpp"
#include "mail/quoted_printable.hpp"
#include "mail/utf8.hpp"

namespace sequitur::mail {

namespace {

constexpr std::size_t section_bytes_max = 54;  // with its name, quotes and blanks a line stays below 78

bool is_attribute_char(char c) {  // RFC 2231 §7
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

/// For readers that do not know RFC 2231: a sign for each character outside ASCII, its end kept for the extension.
std::string ascii_name(std::string_view name) {
    std::string ascii;
    for (std::size_t at = 0; at < name.size();) {
        const auto bytes = std::max<std::size_t>(1, character_bytes(name, at));
        const char c = name[at];
        ascii += bytes > 1 || c < ' ' || c > '~' || c == '"' || c == '\\' || c == '%' ? '_' : c;
        at += bytes;
    }
    if (ascii.size() > section_bytes_max) ascii.erase(section_bytes_max / 2, ascii.size() - section_bytes_max);
    return ascii;
}

/// The next section, never parting a percent-encoded byte.
std::string take_section(std::string_view& name) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string section;
    while (!name.empty() && section.size() + 3 <= section_bytes_max) {
        const auto byte = static_cast<unsigned char>(name.front());
        if (is_attribute_char(name.front()))
            section += name.front();
        else
            ((section += '%') += digits[byte >> 4]) += digits[byte & 15];
        name.remove_prefix(1);
    }
    return section;
}

void append_encoded_name(std::string& message, std::string_view name) {
    auto section = take_section(name);
    if (name.empty()) {
        (message += ";\r\n filename*=UTF-8''") += section;
        return;
    }
    (message += ";\r\n filename*0*=UTF-8''") += section;
    for (int number = 1; !name.empty(); ++number) {
        section = take_section(name);
        (((message += ";\r\n filename*") += std::to_string(number)) += "*=") += section;
    }
}

}  // namespace

void append_attachment(std::string& message, const domain::Attachment& attachment) {
    const auto name = well_formed(domain::attachment_name(attachment.file_name));
    const auto ascii = ascii_name(name);
    message += "Content-Type: ";
    message += attachment.media_type;
    message += "\r\nContent-Disposition: attachment";
    // First, since some readers take the first of two names.
    if (ascii != name) append_encoded_name(message, name);
    ((message += ";\r\n filename=\"") += ascii) += "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    append_base64_lines(message, attachment.content);
}

}  // namespace sequitur::mail
