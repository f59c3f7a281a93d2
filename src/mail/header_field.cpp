#include "mail/header_field.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

#include "base/byte_scan.hpp"
#include "mail/encoded_word.hpp"
#include "mail/utf8.hpp"

namespace sequitur::mail {

namespace {

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

// Breaks lines before blanks, so that the value is the input again when the line ends are removed.
std::string folded(std::string_view line) {
    if (line.size() <= line_bytes_aim) return std::string{line} + "\r\n";
    std::string result;
    std::size_t column = 0;
    while (!line.empty()) {
        const auto blank = line.find(' ', line.find_first_not_of(' ', 1));
        const auto part = line.substr(0, blank);
        const bool has_words = trimmed(part).size() > 0;
        if (column > 0 && column + part.size() > line_bytes_aim && has_words) {
            result += "\r\n";
            column = 0;
        }
        result += part;
        column += part.size();
        line.remove_prefix(part.size());
    }
    return result + "\r\n";
}

// The blank after the colon is no place to fold: some readers take the field for empty.
std::string field(std::string_view name, std::string_view value) {
    auto head = std::string{name} + ":_";
    auto line = folded(head + std::string{value});
    line[head.size() - 1] = ' ';
    return line;
}

bool is_atext_or_blank(std::string_view text) {
    return text.find("  ") == std::string_view::npos && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' ||
                      std::string_view{"!#$%&'*+-/=?^_`{|}~"}.find(c) != std::string_view::npos;
           });
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

void check_address(std::string_view name, std::string_view address) {
    const bool is_plain = !address.empty() && address.size() <= 320 && std::ranges::all_of(address, [](char c) {
        return c > ' ' && c <= '~' && c != '<' && c != '>' && c != ',' && c != '"';
    });
    if (!is_plain) throw std::invalid_argument("not an address in the header field " + std::string{name});
}

void check_id(std::string_view name, std::string_view id) {
    const bool is_id = id.size() > 2 && id.size() <= token_bytes_max && id.front() == '<' && id.back() == '>' &&
                       std::ranges::all_of(id.substr(1, id.size() - 2),
                                           [](char c) { return c > ' ' && c <= '~' && c != '<' && c != '>'; });
    if (!is_id) throw std::invalid_argument("not a message id in the header field " + std::string{name});
}

}  // namespace

std::string text_field(std::string_view name, std::string_view value) {
    refuse_line_breaks(name, value);
    const auto text = without_controls(value);
    const bool is_raw =
        is_printable_ascii(text) && text.find("=?") == std::string::npos && !has_long_run(text, token_bytes_max);
    if (is_raw) return field(name, text);
    return std::string{name} + ": " + encoded_words(text, name.size() + 2) + "\r\n";
}

std::string address_field(std::string_view name, std::string_view display_name, std::string_view address) {
    refuse_line_breaks(name, display_name);
    check_address(name, address);
    const auto cleaned = without_controls(display_name);
    const auto phrase = trimmed(cleaned);
    const auto bracketed = '<' + std::string{address} + '>';
    if (phrase.empty()) return field(name, address);
    if (!is_printable_ascii(phrase) || phrase.find("=?") != std::string_view::npos ||
        has_long_run(phrase, phrase_token_bytes_max)) {
        auto line = std::string{name} + ": " + encoded_words(phrase, name.size() + 2);
        const auto column = line.size() - (line.rfind('\n') + 1);
        line += column + 1 + bracketed.size() > line_bytes_aim ? "\r\n " : " ";
        return line + bracketed + "\r\n";
    }
    return field(name, (is_atext_or_blank(phrase) ? std::string{phrase} : quoted(phrase)) + ' ' + bracketed);
}

std::string ids_field(std::string_view name, std::span<const std::string> ids) {
    std::string value;
    for (const auto& id : ids) {
        check_id(name, id);
        if (!value.empty()) value += ' ';
        value += id;
    }
    return field(name, value);
}

std::string date_field(TimePoint at, int zone_offset_minutes) {
    constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto local = std::chrono::floor<std::chrono::seconds>(at + std::chrono::minutes{zone_offset_minutes});
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{local - day};
    const int offset = std::abs(zone_offset_minutes);
    std::string line = "Date: ";
    line += days.at(std::chrono::weekday{day}.c_encoding());
    append_digits(line, ", ", static_cast<int>(static_cast<unsigned>(date.day())), 2);
    (line += ' ') += months.at(static_cast<unsigned>(date.month()) - 1);
    append_digits(line, " ", static_cast<int>(date.year()), 4);
    append_digits(line, " ", static_cast<int>(time.hours().count()), 2);
    append_digits(line, ":", static_cast<int>(time.minutes().count()), 2);
    append_digits(line, ":", static_cast<int>(time.seconds().count()), 2);
    append_digits(line, zone_offset_minutes < 0 ? " -" : " +", offset / 60 * 100 + offset % 60, 4);
    return line += "\r\n";
}

}  // namespace sequitur::mail
