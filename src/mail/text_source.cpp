#include "mail/text_source.hpp"

#include <charconv>
#include <vector>

#include "mail/html_to_text.hpp"

namespace sequitur::mail {

namespace {

constexpr auto npos = std::string_view::npos;
// Stands for a variable while the HTML is read: a word that no text has.
constexpr char mark_from = '\x01';
constexpr char mark_to = '\x02';

/// `href="{{` or `alt={{`, whatever the blanks.
bool begins_attribute(std::string_view before) {
    if (before.ends_with('"') || before.ends_with('\'')) before.remove_suffix(1);
    const auto last = before.find_last_not_of(" \t\r\n\f");
    return last != npos && before[last] == '=';
}

struct Marked {
    std::string html;
    std::vector<std::string_view> variables;
};

std::optional<Marked> with_marks(std::string_view source) {
    Marked marked;
    std::size_t from = 0;
    for (auto at = source.find("{{"); at != npos; at = source.find("{{", from)) {
        const auto end = source.find("}}", at + 2);
        if (end == npos || begins_attribute(source.substr(0, at))) return std::nullopt;
        marked.html += source.substr(from, at - from);
        marked.html += mark_from + std::to_string(marked.variables.size()) + mark_to;
        from = end + 2;
        marked.variables.push_back(source.substr(at, from - at));
    }
    marked.html += source.substr(from);
    return marked;
}

std::string without_marks(std::string_view text, const std::vector<std::string_view>& variables) {
    std::string filled;
    for (auto at = text.find(mark_from); at != npos; at = text.find(mark_from)) {
        filled += text.substr(0, at);
        std::size_t number = 0;
        const auto [end, error] = std::from_chars(text.data() + at + 1, text.data() + text.size(), number);
        filled += variables.at(number);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    }
    return filled += text;
}

}  // namespace

std::optional<std::string> text_source(std::string_view html_source) {
    if (html_source.find_first_of("\x01\x02") != npos) return std::nullopt;
    const auto marked = with_marks(html_source);
    if (!marked) return std::nullopt;
    const auto text = html_to_text(marked->html);
    if (text.find("{{") != npos || text.find("{%") != npos) return std::nullopt;
    return without_marks(text, marked->variables);
}

}  // namespace sequitur::mail
