#include "mail/html_scanner.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "mail/html_entity.hpp"

namespace sequitur::mail {

namespace {

constexpr auto npos = std::string_view::npos;

bool is_letter(char c) { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f'; }
bool equal(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

bool opens_tag(std::string_view text) {
    if (text.size() < 2 || text[0] != '<') return false;
    return is_letter(text[1]) || text[1] == '!' || text[1] == '?' ||
           (text[1] == '/' && text.size() > 2 && is_letter(text[2]));
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
    while (at < text.size() && is_blank(text[at])) ++at;
    return at;
}

}  // namespace

HtmlToken HtmlScanner::next() {
    if (rest_.empty()) return {};
    if (!has_no_more_tags_ && opens_tag(rest_)) {
        auto token = tag();
        if (token.kind == HtmlToken::Kind::tag) return token;
    }
    std::size_t end = 1;
    while (end < rest_.size() && (rest_[end] != '<' || has_no_more_tags_ || !opens_tag(rest_.substr(end)))) ++end;
    HtmlToken token{.kind = HtmlToken::Kind::text, .text = rest_.substr(0, end), .name = {}, .attributes = {}};
    rest_.remove_prefix(end);
    return token;
}

HtmlToken HtmlScanner::tag() {
    HtmlToken token{.kind = HtmlToken::Kind::tag, .text = {}, .name = {}, .attributes = {}};
    if (rest_.starts_with("<!--") && !has_no_more_comment_ends_) {
        const auto end = rest_.find("-->", 4);
        if (end != npos) {
            rest_.remove_prefix(end + 3);
            return token;
        }
        has_no_more_comment_ends_ = true;
    }
    const auto end = end_of_tag();
    if (end == npos) {
        has_no_more_tags_ = true;
        return {};
    }
    auto inside = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    token.is_closing = inside.starts_with('/');
    if (token.is_closing) inside.remove_prefix(1);
    std::size_t name_end = 0;
    while (name_end < inside.size() && !is_blank(inside[name_end]) && inside[name_end] != '/') ++name_end;
    if (!inside.empty() && is_letter(inside.front())) token.name = inside.substr(0, name_end);
    std::ranges::transform(token.name, token.name.begin(), [](char c) { return ascii_lower(c); });
    token.attributes = inside.substr(name_end);
    return token;
}

// The first '>' outside of a quoted attribute value.
std::size_t HtmlScanner::end_of_tag() {
    char quote = '\0';
    for (std::size_t at = 1; at < rest_.size(); ++at) {
        const char c = rest_[at];
        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '>')
            return at;
        else if ((c == '"' || c == '\'') && rest_[at - 1] == '=')
            quote = c;
    }
    return npos;
}

void HtmlScanner::skip_element(std::string_view name) {
    if (std::ranges::find(never_closed_, name) != never_closed_.end()) return;
    for (auto at = rest_.find("</"); at != npos; at = rest_.find("</", at + 2)) {
        if (!equal(rest_.substr(at + 2, name.size()), name)) continue;
        rest_.remove_prefix(at);
        return;
    }
    never_closed_.emplace_back(name);
}

std::string attribute(std::string_view attributes, std::string_view name) {
    std::size_t at = 0;
    while (at < attributes.size()) {
        while (at < attributes.size() && (is_blank(attributes[at]) || attributes[at] == '/' || attributes[at] == '='))
            ++at;
        const auto name_from = at;
        while (at < attributes.size() && !is_blank(attributes[at]) && attributes[at] != '=' && attributes[at] != '/')
            ++at;
        const auto found = attributes.substr(name_from, at - name_from);
        at = skip_blanks(attributes, at);
        if (at >= attributes.size() || attributes[at] != '=') continue;
        at = skip_blanks(attributes, at + 1);
        const char quote =
            at < attributes.size() && (attributes[at] == '"' || attributes[at] == '\'') ? attributes[at] : '\0';
        const auto value_from = quote == '\0' ? at : at + 1;
        at = value_from;
        while (at < attributes.size() && (quote == '\0' ? !is_blank(attributes[at]) : attributes[at] != quote)) ++at;
        if (equal(found, name)) return without_entities(attributes.substr(value_from, at - value_from));
        if (quote != '\0') ++at;
    }
    return {};
}

}  // namespace sequitur::mail
