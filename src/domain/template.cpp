#include "domain/template.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/nearest.hpp"

namespace sequitur::domain {

namespace {

constexpr std::size_t source_bytes_max = 256 * 1024;
constexpr std::size_t name_bytes_max = 100;

constexpr std::array<std::string_view, 7> known{"email", "first_name",  "last_name",   "company",
                                                "phone", "sender.name", "sender.email"};
// Who knows such languages means the filter, not a person called "upcase": as a fallback the word would go out.
constexpr std::array<std::string_view, 6> filters{"upcase", "downcase", "capitalize",
                                                  "strip",  "truncate", "url_encode"};
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> aliases{
    {{"firstName", "first_name"}, {"lastName", "last_name"}, {"companyName", "company"}}};

std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

bool is_word(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

/// The canonical name, or nullopt.
std::optional<std::string> canonical(std::string_view name) {
    for (const auto& [alias, meant] : aliases)
        if (name == alias) return std::string{meant};
    if (std::ranges::find(known, name) != known.end()) return std::string{name};
    constexpr std::string_view custom = "custom.";
    if (name.starts_with(custom) && name.size() <= name_bytes_max && is_word(name.substr(custom.size())))
        return std::string{name};
    return std::nullopt;
}

std::string unknown_name(std::string_view name) {
    std::vector<std::string_view> names{known.begin(), known.end()};
    for (const auto& [alias, meant] : aliases) names.push_back(alias);
    std::string message = "unknown variable '" + std::string{name.substr(0, name_bytes_max)} + "'";
    if (const auto near = nearest(name, names); !near.empty())
        return message + ", did you mean '" + std::string{near} + "'?";
    return message + "; a contact's own attributes are custom.<name>";
}

struct Expression {
    std::string variable;
    std::optional<std::string> fallback;
};
/// Why an expression can not be read.
struct Refusal {
    std::string message;
};

/// `default: "there"`, or the short form `there`; anything that looks like another filter is refused.
std::variant<std::string, Refusal> parse_fallback(std::string_view text) {
    constexpr std::string_view keyword = "default";
    std::string_view value = text;
    if (text.starts_with(keyword)) {
        value = trimmed(text.substr(keyword.size()));
        if (!value.starts_with(':')) return Refusal{"write the fallback as | default: \"there\""};
        value = trimmed(value.substr(1));
        const bool quoted =
            value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front();
        if (!quoted) return Refusal{"the fallback after default: stands in quotes"};
        value = value.substr(1, value.size() - 2);
    } else if (text.find_first_of("|:\"'{}") != std::string_view::npos ||
               std::ranges::find(filters, text) != filters.end()) {
        return Refusal{"only one fallback can follow a variable; filters are not supported"};
    }
    return std::string{value};
}

std::variant<Expression, Refusal> parse_expression(std::string_view inside) {
    const auto bar = inside.find('|');
    const auto name = trimmed(inside.substr(0, bar));
    if (name.empty()) return Refusal{"a variable's name is missing"};
    const auto variable = canonical(name);
    if (!variable) return Refusal{unknown_name(name)};
    if (bar == std::string_view::npos) return Expression{*variable, std::nullopt};
    auto fallback = parse_fallback(trimmed(inside.substr(bar + 1)));
    if (auto* refusal = std::get_if<Refusal>(&fallback)) return std::move(*refusal);
    return Expression{*variable, std::get<std::string>(std::move(fallback))};
}

/// Line and column of `offset`, looked up in one pass over growing offsets.
class Places {
public:
    explicit Places(std::string_view source) : source_(source) {}
    TemplateError error(std::size_t offset, std::string message) {
        for (; at_ < offset; ++at_) {
            if (source_[at_] == '\n') {
                ++line_;
                line_start_ = at_ + 1;
            }
        }
        return {line_, static_cast<int>(offset - line_start_) + 1, std::move(message)};
    }

private:
    std::string_view source_;
    std::size_t at_ = 0;
    std::size_t line_start_ = 0;
    int line_ = 1;
};

bool is_there(const std::optional<std::string>& value) { return value && !trimmed(*value).empty(); }

std::string escaped(std::string_view value, TemplateContext context) {
    std::string out;
    out.reserve(value.size());
    for (const char c : value) {
        const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
        if (context == TemplateContext::subject && control) continue;
        if (context != TemplateContext::html) {
            out += c;
            continue;
        }
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    }
    return out;
}

}  // namespace

std::variant<Template, std::vector<TemplateError>> Template::compile(std::string_view source, TemplateContext context,
                                                                     std::span<const std::size_t> marks) {
    if (source.size() > source_bytes_max) return std::vector{TemplateError{1, 1, "the text is longer than 256 KiB"}};
    Template compiled;
    compiled.context_ = context;
    std::vector<TemplateError> errors;
    Places places{source};
    std::size_t literal_from = 0;
    for (std::size_t at = source.find('{'); at != std::string_view::npos; at = source.find('{', at)) {
        const auto opener = source.substr(at, 2);
        if (opener == "{%") errors.push_back(places.error(at, "{% … %} is not supported"));
        if (opener != "{{") {
            ++at;
            continue;
        }
        const auto end = source.find("}}", at + 2);
        if (end == std::string_view::npos) {
            errors.push_back(places.error(at, "{{ without }}"));
            break;
        }
        compiled.take_marks(marks, literal_from, at, end + 2);
        auto parsed = parse_expression(source.substr(at + 2, end - at - 2));
        if (auto* expression = std::get_if<Expression>(&parsed)) {
            const auto place = compiled.place_of(std::move(expression->variable));
            auto& fallback = expression->fallback;
            if (fallback)
                fallback = escaped(*fallback, context);
            else if (std::ranges::find(compiled.required_, place) == compiled.required_.end())
                compiled.required_.push_back(place);
            compiled.segments_.push_back(
                {std::string{source.substr(literal_from, at - literal_from)}, place, std::move(fallback)});
        } else {
            errors.push_back(places.error(at, std::get<Refusal>(parsed).message));
        }
        at = end + 2;
        literal_from = at;
    }
    if (!errors.empty()) return errors;
    compiled.take_marks(marks, literal_from, source.size(), source.size() + 1);
    compiled.segments_.push_back({std::string{source.substr(literal_from)}, no_variable, std::nullopt});
    return compiled;
}

void Template::take_marks(std::span<const std::size_t> marks, std::size_t from, std::size_t to, std::size_t end) {
    while (marks_.size() < marks.size() && marks[marks_.size()] < end)
        marks_.push_back({segments_.size(), std::min(marks[marks_.size()], to) - from});
}

std::size_t Template::place_of(std::string variable) {
    const auto found = std::ranges::find(variables_, variable);
    const auto place = static_cast<std::size_t>(found - variables_.begin());
    if (found == variables_.end()) variables_.push_back(std::move(variable));
    return place;
}

std::optional<MissingVariable> Template::missing(const Values& values) const {
    for (const auto place : required_)
        if (!is_there(values(variables_[place]))) return MissingVariable{variables_[place]};
    return std::nullopt;
}

std::variant<std::string, MissingVariable> Template::render(const Values& values,
                                                            std::vector<PlacedMark>* placed) const {
    std::vector<std::optional<std::string>> filled;
    filled.reserve(variables_.size());
    for (const auto& variable : variables_) {
        const auto value = values(variable);
        filled.push_back(is_there(value) ? std::optional{escaped(*value, context_)} : std::nullopt);
    }
    const auto value_of = [&](const Segment& segment) -> const std::optional<std::string>& {
        const auto& value = filled[segment.variable];
        return value ? value : segment.fallback;
    };
    std::size_t bytes = 0;
    for (const auto& segment : segments_) {
        bytes += segment.literal.size();
        if (segment.variable == no_variable) continue;
        const auto& value = value_of(segment);
        if (!value) return MissingVariable{variables_[segment.variable]};
        bytes += value->size();
    }
    std::string out;
    out.reserve(bytes);
    std::size_t mark = placed == nullptr ? marks_.size() : 0;
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        for (; mark < marks_.size() && marks_[mark].segment == i; ++mark)
            placed->push_back({mark, out.size() + marks_[mark].offset});
        const auto& segment = segments_[i];
        out += segment.literal;
        if (segment.variable != no_variable) out += *value_of(segment);
    }
    return out;
}

}  // namespace sequitur::domain
