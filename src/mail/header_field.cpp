#include "mail/header_field.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

#include "base/byte_scan.hpp"
#include "base/byte_set.hpp"
#include "mail/encoded_word.hpp"
#include "mail/utf8.hpp"

namespace sequitur::mail {

namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t address_bytes_max = 320;
constexpr std::size_t line_bytes_aim = 78;   // RFC 5322 §2.1.1
constexpr std::size_t token_bytes_max = 900;  // with blanks and field name still below 998
constexpr std::size_t phrase_token_bytes_max = token_bytes_max / 2;  // quoting may double it
constexpr std::size_t blank_bytes_max = 60;

void refuse_line_breaks(std::string_view name, std::string_view value) {
    if (scan::line_end(value) == value.size()) return;
    throw std::invalid_argument("a line break or NUL in the header field " + std::string{name});
}

bool is_printable_ascii(std::string_view text) {
    constexpr signed char del = 0x7f;
    return scan::first(text, [](scan::Block block) { return (block < ' ') | (block == del); }) == text.size();
}

// A run that could not be folded: the line would grow beyond 998.
bool has_long_run(std::string_view text, std::size_t token_max) {
    std::size_t token = 0;
    std::size_t blanks = 0;
    return std::ranges::any_of(text, [&](char c) {
        token = c == ' ' ? 0 : token + 1;
        blanks = c == ' ' ? blanks + 1 : 0;
        return token > token_max || blanks > blank_bytes_max;
    });
}

// Direction marks that make a name read backwards: U+202A–202E, U+2066–2069.
bool is_bidi_control(std::string_view character) {
    return (character >= "\u202A" && character <= "\u202E") || (character >= "\u2066" && character <= "\u2069");
}
bool is_control(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    return character.size() == 1 ? first < 0x20 || first == 0x7f : character >= "\u0080" && character <= "\u009F";
}

std::string without_controls(std::string_view raw) {
    if (is_printable_ascii(raw)) return std::string{raw};
    const auto text = well_formed(raw);
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const auto character = std::string_view{text}.substr(at, character_bytes(text, at));
        at += character.size();
        if (character == "\t")
            result += ' ';
        else if (!is_control(character) && !is_bidi_control(character))
            result += character;
    }
    return result;
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

// Breaks lines before blanks, so that the value is the input again when the line ends are removed. The blank after the
// colon is no place to fold: some readers take the field for empty.
void append_folded(std::string& out, std::size_t column, std::string_view value) {
    if (column + value.size() <= line_bytes_aim) {
        out += value;
        value = {};
    }
    for (bool is_first = true; !value.empty(); is_first = false) {
        const auto blank = is_first ? value.find(' ') : value.find(' ', value.find_first_not_of(' ', 1));
        const auto part = value.substr(0, blank);
        if (!is_first && column + part.size() > line_bytes_aim && !trimmed(part).empty()) {
            out += "\r\n";
            column = 0;
        }
        out += part;
        column += part.size();
        value.remove_prefix(part.size());
    }
    out += "\r\n";
}

/// The name and its colon; returns the column after them.
std::size_t append_name(std::string& out, std::string_view name) {
    out += name;
    out += ": ";
    return name.size() + 2;
}

constexpr ByteSet atext_or_blank{" abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~"};
bool is_atext_or_blank(std::string_view text) {
    return text.find("  ") == std::string_view::npos && atext_or_blank.run_within(text) == text.size();
}

void append_digits(std::string& line, std::string_view before, int number, int places) {
    line += before;
    for (int unit = places == 4 ? 1000 : 10; unit > 0; unit /= 10) line += static_cast<char>('0' + number / unit % 10);
}

std::string quoted(std::string_view text) {
    std::string result{'"'};
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result + '"';
}

constexpr bool is_plain_sign(char c) { return c > ' ' && c <= '~' && c != '<' && c != '>' && c != ',' && c != '"'; }
constexpr auto plain_signs = ByteSet::of(is_plain_sign);

/// UTF-8 may stand before the '@' (RFC 6532); what turns the reading direction or controls may not.
bool is_local_part(std::string_view local) {
    if (plain_signs.run_within(local) == local.size()) return !local.empty();
    for (std::size_t at = 0; at < local.size();) {
        const auto bytes = character_bytes(local, at);
        const auto character = local.substr(at, bytes);
        if (bytes == 0 || (bytes == 1 && !is_plain_sign(character[0])) || is_control(character) ||
            is_bidi_control(character))
            return false;
        at += bytes;
    }
    return !local.empty();
}

void check_address(std::string_view name, std::string_view address) {
    const auto at = std::min(address.rfind('@'), address.size());
    const auto domain = address.substr(std::min(at + 1, address.size()));
    const bool is_plain = at < address.size() && address.size() <= address_bytes_max && !domain.empty() &&
                          is_local_part(address.substr(0, at)) && plain_signs.run_within(domain) == domain.size();
    if (!is_plain) throw std::invalid_argument("not an address in the header field " + std::string{name});
}

void check_id(std::string_view name, std::string_view id) {
    const bool is_id = id.size() > 2 && id.size() <= token_bytes_max && id.front() == '<' && id.back() == '>' &&
                       std::ranges::all_of(id.substr(1, id.size() - 2),
                                           [](char c) { return c > ' ' && c <= '~' && c != '<' && c != '>'; });
    if (!is_id) throw std::invalid_argument("not a message id in the header field " + std::string{name});
}

void check_uri(std::string_view name, std::string_view uri) {
    constexpr std::array<std::string_view, 3> schemes{"https://", "http://", "mailto:"};
    const bool is_uri =
        uri.size() <= token_bytes_max &&
        std::ranges::any_of(schemes, [&](auto scheme) { return uri.starts_with(scheme); }) &&
        std::ranges::all_of(uri, [](char c) { return c > ' ' && c <= '~' && c != '<' && c != '>' && c != '"'; });
    if (!is_uri) throw std::invalid_argument("not a URI in the header field " + std::string{name});
}

void append_encoded_name(std::string& out, std::size_t column, std::string_view phrase, std::string_view bracketed) {
    const auto from = out.size() - column;
    out += encoded_words(phrase, column);
    const auto line_from = std::max(from, out.rfind('\n') + 1);
    out += out.size() - line_from + 1 + bracketed.size() > line_bytes_aim ? "\r\n " : " ";
    out += bracketed;
    out += "\r\n";
}

}  // namespace

void append_text_field(std::string& out, std::string_view name, std::string_view value) {
    refuse_line_breaks(name, value);
    std::string cleaned;
    auto text = value;
    if (!is_printable_ascii(value)) text = cleaned = without_controls(value);
    const auto column = append_name(out, name);
    const bool is_raw = is_printable_ascii(text) && text.find("=?") == npos &&
                        (text.size() <= blank_bytes_max || !has_long_run(text, token_bytes_max));
    if (is_raw) return append_folded(out, column, text);
    out += encoded_words(text, column);
    out += "\r\n";
}

void append_address_field(std::string& out, std::string_view name, std::string_view display_name,
                          std::string_view address) {
    check_address(name, address);
    std::string cleaned;
    auto phrase = display_name;
    const bool is_printable = is_printable_ascii(display_name);
    if (!is_printable) {
        refuse_line_breaks(name, display_name);
        phrase = cleaned = without_controls(display_name);
    }
    phrase = trimmed(phrase);
    const auto column = append_name(out, name);
    if (phrase.empty()) return append_folded(out, column, address);
    std::string value;
    const auto append_bracketed = [&] { ((value += '<') += address) += '>'; };
    const bool is_plain = is_printable || is_printable_ascii(phrase);
    if (!is_plain || phrase.find("=?") != npos || has_long_run(phrase, phrase_token_bytes_max)) {
        append_bracketed();
        return append_encoded_name(out, column, phrase, value);
    }
    if (is_atext_or_blank(phrase))
        value += phrase;
    else
        value += quoted(phrase);
    value += ' ';
    append_bracketed();
    append_folded(out, column, value);
}

void append_ids_field(std::string& out, std::string_view name, std::span<const std::string> ids) {
    std::string value;
    for (const auto& id : ids) {
        check_id(name, id);
        if (!value.empty()) value += ' ';
        value += id;
    }
    append_folded(out, append_name(out, name), value);
}

void append_uris_field(std::string& out, std::string_view name, std::span<const std::string_view> uris) {
    std::string value;
    for (const auto uri : uris) check_uri(name, uri);
    const auto column = append_name(out, name);
    if (uris.size() == 1) {  // without a blank there is no place to fold
        out.append("<").append(uris.front()).append(">\r\n");
        return;
    }
    for (const auto uri : uris) {
        if (!value.empty()) value += ", ";
        ((value += '<') += uri) += '>';
    }
    append_folded(out, column, value);
}

void append_date_field(std::string& out, TimePoint at, int zone_offset_minutes) {
    constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto local = std::chrono::floor<std::chrono::seconds>(at + std::chrono::minutes{zone_offset_minutes});
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{local - day};
    const int offset = std::abs(zone_offset_minutes);
    out += "Date: ";
    out += days.at(std::chrono::weekday{day}.c_encoding());
    append_digits(out, ", ", static_cast<int>(static_cast<unsigned>(date.day())), 2);
    (out += ' ') += months.at(static_cast<unsigned>(date.month()) - 1);
    append_digits(out, " ", static_cast<int>(date.year()), 4);
    append_digits(out, " ", static_cast<int>(time.hours().count()), 2);
    append_digits(out, ":", static_cast<int>(time.minutes().count()), 2);
    append_digits(out, ":", static_cast<int>(time.seconds().count()), 2);
    append_digits(out, zone_offset_minutes < 0 ? " -" : " +", offset / 60 * 100 + offset % 60, 4);
    out += "\r\n";
}

}  // namespace sequitur::mail
