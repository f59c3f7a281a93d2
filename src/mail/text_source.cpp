#include "mail/text_source.hpp"

#include <charconv>
#include <vector>

#include "domain/template_html.hpp"
#include "domain/template_tokens.hpp"
#include "mail/html_to_text.hpp"

namespace sequitur::mail {

namespace {

constexpr auto npos = std::string_view::npos;
// Stands for a variable while the HTML is read: a word that no text has.
constexpr char mark_from = '\x01';
constexpr char mark_to = '\x02';

struct Marked {
    std::string html;
    std::vector<std::string> variables;
};

/// As it stands in the text, where `inside` is what stands in the HTML. An address is read as it was encoded.
std::optional<std::string> as_text(std::string_view inside, std::optional<domain::TemplatePlace> place) {
    using Place = domain::TemplatePlace;
    if (!place || *place == Place::url_start || *place == Place::url_path) return std::nullopt;
    return "{{" + std::string{inside} + (*place == Place::url_query ? "|url_encode}}" : "}}");
}

std::optional<Marked> with_marks(std::string_view source) {
    using Kind = domain::TemplateToken::Kind;
    const auto read = domain::template_tokens(source, true);
    if (!read.error.empty()) return std::nullopt;
    Marked marked;
    domain::HtmlPlaces places;
    for (const auto& token : read.tokens) {
        if (token.kind == Kind::text && token.inside.size() == token.to - token.from) {
            marked.html += token.inside;
            places.read(token.inside);
            continue;
        }
        auto text = token.kind == Kind::value ? as_text(token.inside, places.value()) : std::nullopt;
        if (!text) return std::nullopt;
        marked.html += mark_from + std::to_string(marked.variables.size()) + mark_to;
        marked.variables.push_back(std::move(*text));
    }
    return marked;
}

std::string without_marks(std::string_view text, const std::vector<std::string>& variables) {
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
    if (text.find_first_of("{\\") != npos) return std::nullopt;  // would be read as more than text
    return without_marks(text, marked->variables);
}

}  // namespace sequitur::mail
