#include "mail/html_entity.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "mail/utf8.hpp"

namespace sequitur::mail {

namespace {

constexpr std::size_t name_bytes_max = 10;

// U+00A0 to U+00FF, in order.
constexpr std::array<std::string_view, 96> latin1{
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",    "copy",   "ordf",
    "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn", "sup2",   "sup3",   "acute",  "micro",
    "para",   "middot", "cedil",  "sup1",   "ordm",   "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave",
    "Aacute", "Acirc",  "Atilde", "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",
    "Igrave", "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",
    "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",  "szlig",  "agrave", "aacute",
    "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil", "egrave", "eacute", "ecirc",  "euml",   "igrave",
    "iacute", "icirc",  "iuml",   "eth",    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide",
    "oslash", "ugrave", "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

struct Named {
    std::string_view name;
    char32_t character;
};
constexpr std::array<Named, 24> others{
    {{"amp", U'&'},       {"lt", U'<'},        {"gt", U'>'},        {"quot", U'"'},    {"apos", U'\''},
     {"hellip", U'…'},    {"mdash", U'—'},     {"ndash", U'–'},     {"lsquo", U'‘'},   {"rsquo", U'’'},
     {"sbquo", U'‚'},     {"ldquo", U'“'},     {"rdquo", U'”'},     {"bdquo", U'„'},   {"bull", U'•'},
     {"euro", U'€'},      {"trade", U'™'},     {"larr", U'←'},      {"rarr", U'→'},    {"thinsp", U'\u2009'},
     {"ensp", U'\u2002'}, {"emsp", U'\u2003'}, {"zwnj", U'\u200C'}, {"zwj", U'\u200D'}}};

bool is_character(unsigned long code) {
    return code >= 0x20 && code <= 0x10FFFF && (code < 0x7F || code > 0x9F) && (code < 0xD800 || code > 0xDFFF);
}

// 0: no such character.
char32_t numbered(std::string_view digits) {
    const bool is_hex = digits.starts_with('x') || digits.starts_with('X');
    if (is_hex) digits.remove_prefix(1);
    unsigned long code = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, is_hex ? 16 : 10);
    if (digits.empty() || end != digits.data() + digits.size()) return 0;
    if (code == '\t' || code == '\n' || code == '\r') return U' ';
    return error == std::errc{} && is_character(code) ? static_cast<char32_t>(code) : U'\uFFFD';
}

char32_t named(std::string_view name) {
    if (name.starts_with('#')) return numbered(name.substr(1));
    const auto letter = std::ranges::find(latin1, name);
    if (letter != latin1.end()) return static_cast<char32_t>(0xA0 + (letter - latin1.begin()));
    const auto other = std::ranges::find(others, name, &Named::name);
    return other != others.end() ? other->character : U'\0';
}

}  // namespace

std::string without_entities(std::string_view html) {
    std::string text;
    for (std::size_t at = 0; at < html.size();) {
        const auto amp = std::min(html.find('&', at), html.size());
        text += html.substr(at, amp - at);
        if (amp == html.size()) break;
        const auto rest = html.substr(amp + 1, name_bytes_max + 1);
        const auto end = rest.find(';');
        const auto character = end == std::string_view::npos ? U'\0' : named(rest.substr(0, end));
        if (character == 0)
            text += '&';
        else
            append_utf8(text, character);
        at = amp + 1 + (character == 0 ? 0 : end + 1);
    }
    return text;
}

}  // namespace sequitur::mail
