#include "domain/template_names.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/nearest.hpp"

namespace sequitur::domain {

namespace {

constexpr std::size_t name_bytes_max = 100;
constexpr std::string_view custom = "custom.";

constexpr std::array<std::string_view, 10> variables{"email", "first_name",  "last_name",    "company",
                                                     "phone", "sender.name", "sender.email", "unsubscribe_url",
                                                     "step",  "today"};
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> aliases{{{"firstName", "first_name"},
                                                                                {"lastName", "last_name"},
                                                                                {"companyName", "company"},
                                                                                {"senderName", "sender.name"},
                                                                                {"senderEmail", "sender.email"},
                                                                                {"unsubscribeUrl", "unsubscribe_url"}}};
// In the order of TemplateFilter.
constexpr std::array<std::string_view, 7> filters{"default", "upcase",   "downcase",  "capitalize",
                                                  "strip",   "truncate", "url_encode"};

bool is_word(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

std::string shown(std::string_view name) { return "'" + std::string{name.substr(0, name_bytes_max)} + "'"; }

}  // namespace

std::optional<std::string> canonical_variable(std::string_view name) {
    for (const auto& [alias, meant] : aliases)
        if (name == alias) return std::string{meant};
    if (std::ranges::find(variables, name) != variables.end()) return std::string{name};
    if (name.starts_with(custom) && name.size() <= name_bytes_max && is_word(name.substr(custom.size())))
        return std::string{name};
    return std::nullopt;
}

std::string unknown_variable(std::string_view name) {
    std::vector<std::string_view> names{variables.begin(), variables.end()};
    for (const auto& [alias, meant] : aliases) names.push_back(alias);
    const auto message = "unknown variable " + shown(name);
    if (const auto near = nearest(name.substr(0, name_bytes_max), names); !near.empty())
        return message + ", did you mean '" + std::string{near} + "'?";
    return message + "; a contact's own attributes are custom.<name>";
}

std::optional<TemplateFilter> template_filter(std::string_view name) {
    const auto found = std::ranges::find(filters, name);
    if (found == filters.end()) return std::nullopt;
    return static_cast<TemplateFilter>(found - filters.begin());
}

std::string unknown_filter(std::string_view name) {
    const auto message = "unknown filter " + shown(name);
    if (const auto near = nearest(name.substr(0, name_bytes_max), filters); !near.empty())
        return message + ", did you mean '" + std::string{near} + "'?";
    return message + "; there are default, upcase, downcase, capitalize, strip, truncate, url_encode";
}

bool is_almost_a_filter(std::string_view word) {
    constexpr std::size_t word_bytes_max = 12;
    if (word.size() > word_bytes_max) return false;
    return std::ranges::any_of(filters, [&](auto filter) {
        const auto edits_max = filter.size() > 7 ? 2U : 1U;
        const auto [shorter, longer] = std::minmax({word.size(), filter.size()});
        return longer - shorter <= edits_max && edit_distance(word, filter) <= edits_max;
    });
}

std::string_view without_edge_blanks(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

bool is_blank_value(std::string_view value) { return without_edge_blanks(value).empty(); }

}  // namespace sequitur::domain
