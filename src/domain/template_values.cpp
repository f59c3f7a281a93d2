#include "domain/template_values.hpp"

#include <algorithm>

#include "base/byte_set.hpp"

namespace sequitur::domain {

namespace {

constexpr bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}
constexpr bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// What stands for itself in each place.
constexpr auto html_plain = ByteSet::of([](char c) { return !is_one_of(c, "&<>\"'"); });
constexpr auto unquoted_plain = ByteSet::of([](char c) { return !is_one_of(c, "&<>\"' \t\r\n\f=`"); });
constexpr auto query_plain = ByteSet::of(is_unreserved);
constexpr auto path_plain = ByteSet::of([](char c) { return is_unreserved(c) || is_one_of(c, "/:@!$()*+,;="); });
constexpr auto address_plain =
    ByteSet::of([](char c) { return is_unreserved(c) || is_one_of(c, "/:@!$()*+,;=?#[]%&"); });

// Nothing that begins U+0080 to U+009F either.
constexpr auto subject_plain = ByteSet::of([](char c) { return !is_control(c) && c != '\xC2'; });

void append_percent(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
}

void append_entity(std::string& out, char c) {
    switch (c) {
        case '&': out += "&amp;"; return;
        case '<': out += "&lt;"; return;
        case '>': out += "&gt;"; return;
        case '"': out += "&quot;"; return;
        default: out += "&#" + std::to_string(static_cast<unsigned char>(c)) + ';';
    }
}

/// Runs of `plain` as they are, each other byte by `append`.
template <class Append> void append_runs(std::string& out, std::string_view value, const ByteSet& plain,
                                         Append append) {
    while (true) {
        const auto run = plain.run_within(value);
        out += value.substr(0, run);
        if (run == value.size()) return;
        append(value[run]);
        value.remove_prefix(run + 1);
    }
}

void append_line(std::string& out, std::string_view value) {
    for (std::size_t at = 0; at < value.size(); ++at) {
        // U+0080 to U+009F
        const bool is_c1 = value[at] == '\xC2' && at + 1 < value.size() && (value[at + 1] & 0xE0) == 0x80;
        if (is_c1)
            ++at;
        else if (!is_control(value[at]))
            out += value[at];
    }
}

/// The character at `at` and its bytes; a byte that is none stands for itself, with bit 31 set.
constexpr char32_t broken = 0x80000000;
char32_t character_at(std::string_view text, std::size_t at, std::size_t& bytes) {
    const auto octet = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto first = octet(at);
    bytes = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1;
    if (bytes == 1) return first < 0x80 ? first : broken | first;
    char32_t character = first & (0xFFU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((octet(at + i) & 0xC0U) != 0x80) {
            bytes = 1;
            return broken | first;
        }
        character = character << 6 | (octet(at + i) & 0x3FU);
    }
    return character;
}

/// Only two-byte characters have a case here, and keep two bytes.
void append_character(std::string& out, std::string_view original, char32_t character) {
    if (character < 0x80) {
        out += static_cast<char>(character);
    } else if (character < 0x800) {
        out += static_cast<char>(0xC0 | character >> 6);
        out += static_cast<char>(0x80 | (character & 0x3F));
    } else {
        out += original;
    }
}

bool within(char32_t c, char32_t from, char32_t to) { return c >= from && c <= to; }
/// Latin Extended-A pairs: even and odd, or the other way round.
bool pairs_even(char32_t c) { return within(c, 0x100, 0x137) || within(c, 0x14A, 0x177); }
bool pairs_odd(char32_t c) { return within(c, 0x139, 0x148) || within(c, 0x179, 0x17E); }

char32_t upper(char32_t c) {
    if (within(c, 'a', 'z')) return c - 0x20;
    if (within(c, 0xE0, 0xFE) && c != 0xF7) return c - 0x20;
    if (c == 0xFF) return 0x178;
    if (c == 0x131) return 'I';
    if (pairs_even(c)) return c & ~char32_t{1};
    if (pairs_odd(c)) return c % 2 == 0 ? c - 1 : c;
    if (c == 0x3C2) return 0x3A3;
    if (within(c, 0x3B1, 0x3C9)) return c - 0x20;
    if (within(c, 0x430, 0x44F)) return c - 0x20;
    if (within(c, 0x450, 0x45F)) return c - 0x50;
    if (within(c, 0x561, 0x586)) return c - 0x30;
    return c;
}

char32_t lower(char32_t c) {
    if (within(c, 'A', 'Z')) return c + 0x20;
    if (within(c, 0xC0, 0xDE) && c != 0xD7) return c + 0x20;
    if (c == 0x178) return 0xFF;
    if (c == 0x130) return 'i';
    if (pairs_even(c)) return c | 1;
    if (pairs_odd(c)) return c % 2 == 1 ? c + 1 : c;
    if (within(c, 0x391, 0x3A9) && c != 0x3A2) return c + 0x20;
    if (within(c, 0x410, 0x42F)) return c + 0x20;
    if (within(c, 0x400, 0x40F)) return c + 0x50;
    if (within(c, 0x531, 0x556)) return c + 0x30;
    return c;
}

template <class First, class Others> std::string mapped(std::string_view value, First first, Others others) {
    std::string out;
    out.reserve(value.size());
    std::size_t bytes = 0;
    for (std::size_t at = 0; at < value.size(); at += bytes) {
        const auto character = character_at(value, at, bytes);
        append_character(out, value.substr(at, bytes), at == 0 ? first(character) : others(character));
    }
    return out;
}

std::size_t characters_of(std::string_view text) {
    std::size_t count = 0;
    std::size_t bytes = 0;
    for (std::size_t at = 0; at < text.size(); at += bytes, ++count) character_at(text, at, bytes);
    return count;
}

}  // namespace

void append_escaped(std::string& out, std::string_view value, TemplatePlace place) {
    const auto percent = [&](char c) { append_percent(out, c); };
    const auto entity = [&](char c) { append_entity(out, c); };
    switch (place) {
        case TemplatePlace::text: out += value; return;
        case TemplatePlace::subject: return append_line(out, value);
        case TemplatePlace::html:
        case TemplatePlace::attribute: return append_runs(out, value, html_plain, entity);
        case TemplatePlace::attribute_unquoted: return append_runs(out, value, unquoted_plain, entity);
        case TemplatePlace::url_query: return append_runs(out, value, query_plain, percent);
        case TemplatePlace::url_path: return append_runs(out, value, path_plain, percent);
        case TemplatePlace::url_start:
            for (const char c : value) {
                if (c == '&')
                    append_entity(out, c);
                else if (address_plain.has(c))
                    out += c;
                else
                    append_percent(out, c);
            }
            return;
    }
}

bool stands_for_itself(std::string_view value, TemplatePlace place) {
    switch (place) {
        case TemplatePlace::text: return true;
        case TemplatePlace::subject: return subject_plain.run_within(value) == value.size();
        case TemplatePlace::html:
        case TemplatePlace::attribute: return html_plain.run_within(value) == value.size();
        case TemplatePlace::attribute_unquoted: return unquoted_plain.run_within(value) == value.size();
        case TemplatePlace::url_query: return query_plain.run_within(value) == value.size();
        case TemplatePlace::url_path: return path_plain.run_within(value) == value.size();
        case TemplatePlace::url_start: return false;  // stands in few places, and has a rule of its own
    }
    return false;
}

std::string url_encoded(std::string_view value) {
    std::string out;
    append_escaped(out, value, TemplatePlace::url_query);
    return out;
}

std::string upcased(std::string_view value) { return mapped(value, upper, upper); }
std::string downcased(std::string_view value) { return mapped(value, lower, lower); }
std::string capitalized(std::string_view value) { return mapped(value, upper, lower); }

std::string truncated(std::string_view value, std::size_t characters, std::string_view ellipsis) {
    if (characters_of(value) <= characters) return std::string{value};
    const auto kept = characters - std::min(characters, characters_of(ellipsis));
    std::size_t at = 0;
    std::size_t bytes = 0;
    for (std::size_t count = 0; count < kept; ++count, at += bytes) character_at(value, at, bytes);
    return std::string{value.substr(0, at)} += ellipsis;
}

}  // namespace sequitur::domain
