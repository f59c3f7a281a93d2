#include "mail/html_nesting.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/ascii.hpp"

namespace sequitur::mail {

namespace {

constexpr auto npos = std::string_view::npos;

// 770 open elements, or 10,000 tags thirty deep: some 50 ms of Gumbo.
constexpr std::size_t depths_max = 300'000;
// Gumbo compares each attribute of a tag with those before it.
constexpr std::size_t attributes_max = 500;
// Within some elements other rules hold, which are not followed here: then little of it is allowed at all.
constexpr std::array<std::string_view, 4> other_rules{"svg", "math", "select", "frameset"};
constexpr std::size_t tags_by_other_rules_max = 500;
constexpr std::size_t bytes_by_other_rules_max = 65'536;

constexpr std::array<std::string_view, 19> never_closed{
    "area", "base",  "basefont", "bgsound", "br",   "col",   "embed",  "frame", "hr", "image",
    "img",  "input", "keygen",   "link",    "meta", "param", "source", "track", "wbr"};
/// Their content is text up to their own closing tag.
constexpr std::array<std::string_view, 8> raw{"style",  "script",  "textarea", "title",
                                              "iframe", "noembed", "noframes", "xmp"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f'; }

bool is_one_of(const auto& list, std::string_view name) { return std::ranges::find(list, name) != std::end(list); }

struct Tag {
    std::string name;
    std::size_t attributes = 0;
    std::size_t end = npos;  ///< behind '>'; npos: it never ends, so it is none
};

/// The tag whose name begins at `at`.
Tag tag_at(std::string_view html, std::size_t at) {
    Tag tag;
    for (; at < html.size() && !is_blank(html[at]) && html[at] != '/' && html[at] != '>'; ++at)
        tag.name += ascii_lower(html[at]);
    while (at < html.size()) {
        while (at < html.size() && (is_blank(html[at]) || html[at] == '/')) ++at;
        if (at == html.size()) break;
        if (html[at] == '>') {
            tag.end = at + 1;
            break;
        }
        ++tag.attributes;
        ++at;  // a name may begin with '='
        while (at < html.size() && !is_blank(html[at]) && html[at] != '/' && html[at] != '>' && html[at] != '=') ++at;
        while (at < html.size() && is_blank(html[at])) ++at;
        if (at == html.size() || html[at] != '=') continue;
        ++at;
        while (at < html.size() && is_blank(html[at])) ++at;
        if (at < html.size() && (html[at] == '"' || html[at] == '\'')) {
            at = html.find(html[at], at + 1);
            if (at == npos) break;
            ++at;
        } else {
            while (at < html.size() && !is_blank(html[at]) && html[at] != '>') ++at;
        }
    }
    return tag;
}

/// Behind the comment, or whatever begins with "<!", "<?" or "</" without being a tag, at `at`.
std::size_t end_of_markup(std::string_view html, std::size_t at) {
    if (!html.substr(at).starts_with("<!--")) return std::min(html.find('>', at), html.size() - 1) + 1;
    const auto from = at + 4;
    if (html.substr(from).starts_with('>')) return from + 1;
    if (html.substr(from).starts_with("->")) return from + 2;
    for (auto dashes = html.find("--", from); dashes != npos; dashes = html.find("--", dashes + 1)) {
        const auto rest = html.substr(dashes + 2);
        if (rest.starts_with('>')) return dashes + 3;
        if (rest.starts_with("!>")) return dashes + 4;
    }
    return html.size();
}

/// Where the closing tag of a raw element begins.
std::size_t end_of_raw(std::string_view html, std::size_t at, std::string_view name) {
    for (at = html.find("</", at); at != npos; at = html.find("</", at + 2)) {
        const auto found = html.substr(at + 2, name.size());
        const auto after = at + 2 + name.size();
        if (std::ranges::equal(found, name, {}, ascii_lower) && after < html.size() &&
            (is_blank(html[after]) || html[after] == '/' || html[after] == '>'))
            return at;
    }
    return html.size();
}

/// So little that its nesting does not matter, whatever it means.
bool is_little(std::string_view html) {
    std::size_t tags = 0;
    for (auto at = html.find('<'); at != npos; at = html.find('<', at + 1))
        tags += at + 1 < html.size() && is_letter(html[at + 1]);
    return tags <= tags_by_other_rules_max && html.size() <= bytes_by_other_rules_max;
}

class OpenElements {
public:
    std::size_t depth() const { return names_.size(); }

    void open(std::string name) {
        if (is_one_of(never_closed, name)) return;
        const bool is_cell = name == "td" || name == "th";
        if (is_cell || name == "tr") pop_if({"td", "th"});
        if (name == "tr") pop_if({"tr"});
        if (name == "dd" || name == "dt") pop_if({"dd", "dt"});
        if (name == "p" || name == "li" || name == "option") pop_if({name});
        names_.push_back(std::move(name));
    }

    /// Only where nothing but what may be left open stands above it; else it stays, and seems deeper than it is.
    void close(std::string_view name) {
        constexpr std::array<std::string_view, 5> implied{"p", "li", "dd", "dt", "option"};
        constexpr std::array<std::string_view, 7> of_table{"td", "th", "tr", "tbody", "thead", "tfoot", "colgroup"};
        auto at = names_.size();
        while (at > 0 && names_[at - 1] != name &&
               (is_one_of(implied, names_[at - 1]) || (name == "table" && is_one_of(of_table, names_[at - 1])) ||
                (name == "tr" && (names_[at - 1] == "td" || names_[at - 1] == "th"))))
            --at;
        if (at > 0 && names_[at - 1] == name) names_.resize(at - 1);
    }

private:
    void pop_if(std::initializer_list<std::string_view> top) {
        if (!names_.empty() && is_one_of(top, names_.back())) names_.pop_back();
    }

    std::vector<std::string> names_;
};

}  // namespace

bool is_nested_within_reason(std::string_view html) {
    OpenElements open;
    std::size_t depths = 0;
    for (auto at = html.find('<'); at != npos && at + 1 < html.size();) {
        const bool closes = html[at + 1] == '/' && at + 2 < html.size() && is_letter(html[at + 2]);
        if (!closes && !is_letter(html[at + 1])) {
            const bool is_markup = html[at + 1] == '!' || html[at + 1] == '?' || html[at + 1] == '/';
            at = html.find('<', is_markup ? end_of_markup(html, at) : at + 1);
            continue;
        }
        auto tag = tag_at(html, at + (closes ? 2 : 1));
        if (tag.attributes > attributes_max) return false;
        if (tag.end == npos || tag.name == "plaintext") return true;
        if (is_one_of(other_rules, tag.name)) return is_little(html);
        auto next = tag.end;
        if (closes) {
            open.close(tag.name);
        } else if (is_one_of(raw, tag.name)) {
            next = end_of_raw(html, next, tag.name);
            // Within "<!--" a script ends by rules of its own.
            if (tag.name == "script" && html.substr(tag.end, next - tag.end).find("<!--") != npos)
                return is_little(html);
            open.open(std::move(tag.name));
        } else {
            open.open(std::move(tag.name));
        }
        depths += open.depth();
        if (depths > depths_max) return false;
        at = html.find('<', next);
    }
    return true;
}

}  // namespace sequitur::mail
