#include "http/query.hpp"

#include <algorithm>
#include <charconv>

#include "base/nearest.hpp"
#include "domain/address.hpp"
#include "domain/text.hpp"

namespace sequitur::http {

std::optional<std::string_view> Query::find(std::string_view name) {
    known_.push_back(name);
    std::optional<std::string_view> value;
    for (const auto& [given, text] : request_.query) {
        if (given != name) continue;
        if (value) problem(name, "duplicate_parameter", "The parameter is there twice.");
        value = text;
    }
    return value;
}

void Query::problem(std::string_view name, std::string code, std::string detail) {
    problems_.push_back({"?" + std::string{name}, std::move(code), std::move(detail)});
}

std::optional<Uuid> Query::id(std::string_view name) {
    const auto text = find(name);
    if (!text) return std::nullopt;
    const auto id = Uuid::parse(*text);
    if (!id) problem(name, "not_an_id", "`" + std::string{name} + "` must be an id that we gave out.");
    return id;
}

std::optional<std::string> Query::choice(std::string_view name, const std::vector<std::string_view>& words) {
    const auto text = find(name);
    if (!text) return std::nullopt;
    if (std::ranges::find(words, *text) != words.end()) return std::string{*text};
    std::string all;
    for (const auto word : words) all.append(all.empty() ? "`" : " or `").append(word).append("`");
    problem(name, "unknown_value", "`" + std::string{name} + "` must be " + all + ".");
    return std::nullopt;
}

std::optional<std::string> Query::text(std::string_view name, std::size_t chars_max) {
    const auto value = find(name);
    if (!value) return std::nullopt;
    if (domain::is_blank(*value) || domain::has_control_characters(*value) || domain::chars(*value) > chars_max) {
        problem(name, "not_a_line",
                "`" + std::string{name} + "` must be one line of 1 to " + std::to_string(chars_max) + " characters.");
        return std::nullopt;
    }
    return std::string{*value};
}

std::optional<std::string> Query::address(std::string_view name, Presence presence) {
    const auto value = find(name);
    if (!value && presence == Presence::required)
        problem(name, "required", "The parameter `" + std::string{name} + "` is missing.");
    if (!value) return std::nullopt;
    const auto parsed = domain::parse_address(*value);
    if (const auto* address = std::get_if<domain::Address>(&parsed)) return address->normalised();
    problem(name, "invalid_email", std::get<domain::AddressProblem>(parsed).message);
    return std::nullopt;
}

int Query::limit() {
    const auto text = find("limit");
    if (!text) return page_items_default;
    int number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error == std::errc{} && end == text->data() + text->size() && number >= 1 && number <= page_items_max)
        return number;
    problem("limit", "out_of_range",
            "`limit` must be a whole number from 1 to " + std::to_string(page_items_max) + ".");
    return page_items_default;
}

void Query::refuse_others() {
    for (const auto& [name, value] : request_.query) {
        if (std::ranges::find(known_, name) != known_.end()) continue;
        const auto meant = nearest(name, known_);
        std::string detail = "There is no parameter `" + name.substr(0, 100) + "` here";
        if (!meant.empty())
            detail.append("; did you mean `").append(meant).append("`?");
        else
            detail += '.';
        problem(name, "unknown_parameter", std::move(detail));
    }
}

}  // namespace sequitur::http
