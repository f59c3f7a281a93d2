#include "mail/quoted_printable.hpp"

#include <algorithm>

#include "mail/base64.hpp"
#include "mail/utf8.hpp"

namespace sequitur::mail {

namespace {

constexpr std::size_t line_bytes_max = 76;

bool is_literal(char c) { return (c >= ' ' && c <= '~' && c != '=') || c == '\t'; }

std::string escape(char c) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto value = static_cast<unsigned char>(c);
    return {'=', digits[value >> 4], digits[value & 15]};
}

std::string_view take_line(std::string_view& text) {
    const auto end = text.find("\r\n");
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
    return line;
}

void append_line(std::string& out, std::string_view line) {
    std::size_t column = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const bool is_last = i + 1 == line.size();
        const auto piece = [&]() -> std::string {
            const char c = line[i];
            if (is_last && (c == ' ' || c == '\t')) return escape(c);
            if (column == 0 && (c == '.' || line.substr(i).starts_with("From "))) return escape(c);
            return is_literal(c) ? std::string{c} : escape(c);
        };
        auto bytes = piece();
        // The last character may fill the line; any other leaves room for the '=' of a soft break.
        if (column + bytes.size() > line_bytes_max - (is_last ? 0 : 1)) {
            out += "=\r\n";
            column = 0;
            bytes = piece();
        }
        out += bytes;
        column += bytes.size();
    }
    out += "\r\n";
}

bool may_stay_as_it_is(std::string_view text) {
    while (!text.empty()) {
        const auto line = take_line(text);
        const bool is_plain = line.size() <= line_bytes_max && !line.ends_with(' ') && !line.ends_with('\t') &&
                              !line.starts_with("From ") && !line.starts_with('.') &&
                              std::ranges::all_of(line, [](char c) { return is_literal(c) || c == '='; });
        if (!is_plain) return false;
    }
    return true;
}

bool is_mostly_ascii(std::string_view text) {
    const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    const auto is_first = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
    return std::ranges::count_if(text, is_ascii) * 2 >= std::ranges::count_if(text, is_first);
}

std::string base64_lines(std::string_view text) {
    const auto whole = base64(text);
    std::string lines;
    for (std::string_view rest = whole; !rest.empty(); rest.remove_prefix(std::min(rest.size(), line_bytes_max))) {
        lines += rest.substr(0, line_bytes_max);
        lines += "\r\n";
    }
    return lines;
}

}  // namespace

std::string with_crlf(std::string_view text) {
    std::string result;
    result.reserve(text.size() + text.size() / 32 + 2);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\0') continue;
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
        if (text[i] == '\r' || text[i] == '\n')
            result += "\r\n";
        else
            result += text[i];
    }
    if (!result.ends_with("\r\n")) result += "\r\n";
    return result;
}

std::string quoted_printable(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    while (!text.empty()) append_line(out, take_line(text));
    return out;
}

EncodedBody encode_body(std::string_view raw) {
    const auto text = with_crlf(well_formed(raw));
    if (may_stay_as_it_is(text)) return {"7bit", text};
    if (is_mostly_ascii(text)) return {"quoted-printable", quoted_printable(text)};
    return {"base64", base64_lines(text)};
}

}  // namespace sequitur::mail
