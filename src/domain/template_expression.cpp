#include "domain/template_expression.hpp"

#include <algorithm>
#include <charconv>

#include "domain/template_names.hpp"

namespace sequitur::domain {

namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t filters_max = 8;
constexpr std::size_t truncate_max = 100'000;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_quote(char c) { return c == '"' || c == '\''; }

/// Takes a quotation off the front; nullopt: there is none.
std::optional<std::string> take_quoted(std::string_view& text) {
    if (text.empty() || !is_quote(text.front())) return std::nullopt;
    const auto end = text.find(text.front(), 1);
    if (end == npos) return std::nullopt;
    std::string quoted{text.substr(1, end - 1)};
    text = without_edge_blanks(text.substr(end + 1));
    return quoted;
}

/// The parts between the bars that stand outside of quotations, each trimmed; at least one.
std::vector<std::string_view> parts_of(std::string_view text) {
    std::vector<std::string_view> parts;
    std::size_t from = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '|') {
            parts.push_back(without_edge_blanks(text.substr(from, at - from)));
            from = at + 1;
            continue;
        }
        const bool opens =
            is_quote(text[at]) && at > 0 && (is_blank(text[at - 1]) || text[at - 1] == ':' || text[at - 1] == ',');
        if (const auto end = opens ? text.find(text[at], at + 1) : npos; end != npos) at = end;
    }
    parts.push_back(without_edge_blanks(text.substr(from)));
    return parts;
}

using Called = std::variant<TemplateFilterCall, TemplateRefusal>;

Called truncate_of(std::string_view arguments) {
    const TemplateRefusal refusal{"write how many characters may stay, as in truncate: 20 or truncate: 20, \"…\""};
    TemplateFilterCall call{TemplateFilter::truncate, "...", 0};
    const auto [end, error] = std::from_chars(arguments.data(), arguments.data() + arguments.size(), call.number);
    if (error != std::errc{} || call.number > truncate_max) return refusal;
    arguments.remove_prefix(static_cast<std::size_t>(end - arguments.data()));
    arguments = without_edge_blanks(arguments);
    if (arguments.empty()) return call;
    if (arguments.front() != ',') return refusal;
    arguments = without_edge_blanks(arguments.substr(1));
    auto ellipsis = take_quoted(arguments);
    if (!ellipsis || !arguments.empty()) return refusal;
    call.text = std::move(*ellipsis);
    return call;
}

/// `arguments`: after the colon; nullopt without one.
Called filter_of(TemplateFilter filter, std::string_view name, std::optional<std::string_view> arguments) {
    if (filter == TemplateFilter::truncate) return truncate_of(arguments.value_or(""));
    if (filter == TemplateFilter::fallback) {
        if (!arguments) return TemplateRefusal{"write the fallback as | default: \"there\""};
        auto text = take_quoted(*arguments);
        if (!text || !arguments->empty()) return TemplateRefusal{"the fallback after default: stands in quotes"};
        return TemplateFilterCall{filter, std::move(*text), 0};
    }
    if (arguments) return TemplateRefusal{"the filter '" + std::string{name} + "' takes nothing after it"};
    return TemplateFilterCall{filter, {}, 0};
}

Called call_of(std::string_view part) {
    const auto colon = part.find(':');
    const auto name = without_edge_blanks(part.substr(0, colon));
    if (const auto filter = template_filter(name))
        return filter_of(*filter, name,
                         colon == npos ? std::nullopt : std::optional{without_edge_blanks(part.substr(colon + 1))});
    if (colon != npos || part.find_first_of("\"{}") != npos || part.starts_with('\''))
        return TemplateRefusal{unknown_filter(name)};
    if (part.empty()) return TemplateRefusal{"nothing stands after the |; write a fallback or a filter"};
    if (name.starts_with("default")) return TemplateRefusal{"write the fallback as | default: \"there\""};
    if (is_almost_a_filter(part))
        return TemplateRefusal{unknown_filter(part) + " A fallback is written | default: \"" + std::string{part} +
                               "\""};
    return TemplateFilterCall{TemplateFilter::fallback, std::string{part}, 0};
}

/// Cuts a condition into names, quotations and operators.
class Words {
public:
    explicit Words(std::string_view text) : rest_(without_edge_blanks(text)) {}

    struct Word {
        std::string text;
        bool is_quoted = false;
        bool is(std::string_view word) const { return !is_quoted && text == word; }
    };
    bool at_end() const { return rest_.empty(); }
    Word take() {
        if (auto quoted = take_quoted(rest_)) return {std::move(*quoted), true};
        std::size_t end = 1;
        if (rest_.starts_with("==") || rest_.starts_with("!="))
            end = 2;
        else
            while (end < rest_.size() && !is_blank(rest_[end]) && !is_quote(rest_[end]) &&
                   std::string_view{"=!<>"}.find(rest_[end]) == npos)
                ++end;
        Word word{std::string{rest_.substr(0, end)}};
        rest_ = without_edge_blanks(rest_.substr(end));
        return word;
    }
    bool next_is(std::string_view word) const {
        auto ahead = *this;
        return !ahead.at_end() && ahead.take().is(word);
    }

private:
    std::string_view rest_;
};

using Operand = TemplateComparison::Operand;

std::variant<Operand, TemplateRefusal> operand_of(Words& words, bool may_be_text) {
    if (words.at_end()) return TemplateRefusal{"the condition ends too early"};
    auto word = words.take();
    const bool is_number = !word.text.empty() && std::ranges::all_of(word.text, [](char c) {
        return (c >= '0' && c <= '9') || c == '.' || c == '-';
    });
    if (word.is_quoted || is_number) {
        if (may_be_text) return Operand{false, std::move(word.text)};
        return TemplateRefusal{"a condition begins with a variable"};
    }
    if (auto variable = canonical_variable(word.text)) return Operand{true, std::move(*variable)};
    return TemplateRefusal{unknown_variable(word.text)};
}

std::variant<TemplateComparison, TemplateRefusal> comparison_of(Words& words) {
    TemplateComparison made;
    auto left = operand_of(words, false);
    if (auto* refusal = std::get_if<TemplateRefusal>(&left)) return std::move(*refusal);
    made.left = std::get<Operand>(std::move(left));
    made.kind = TemplateTest::Kind::has_value;
    if (words.at_end() || words.next_is("and") || words.next_is("or")) return made;
    const auto sign = words.take();
    if (sign.is("=="))
        made.kind = TemplateTest::Kind::equal;
    else if (sign.is("!="))
        made.kind = TemplateTest::Kind::not_equal;
    else if (sign.is("contains"))
        made.kind = TemplateTest::Kind::contains;
    else
        return TemplateRefusal{"'" + sign.text + "' can not stand in a condition; there are ==, !=, contains, and, or"};
    auto right = operand_of(words, true);
    if (auto* refusal = std::get_if<TemplateRefusal>(&right)) return std::move(*refusal);
    made.right = std::get<Operand>(std::move(right));
    return made;
}

}  // namespace

std::variant<TemplateExpression, TemplateRefusal> parse_template_value(std::string_view inside) {
    const auto parts = parts_of(inside);
    const auto name = parts.front();
    if (name.empty()) return TemplateRefusal{"a variable's name is missing"};
    auto variable = canonical_variable(name);
    if (!variable) return TemplateRefusal{unknown_variable(name)};
    if (parts.size() > 1 + filters_max) return TemplateRefusal{"more than 8 filters follow one variable"};
    TemplateExpression expression{std::move(*variable), {}};
    for (std::size_t i = 1; i < parts.size(); ++i) {
        auto call = call_of(parts[i]);
        if (auto* refusal = std::get_if<TemplateRefusal>(&call)) return std::move(*refusal);
        expression.filters.push_back(std::get<TemplateFilterCall>(std::move(call)));
    }
    const auto fallbacks =
        std::ranges::count(expression.filters, TemplateFilter::fallback, &TemplateFilterCall::filter);
    if (fallbacks > 1) return TemplateRefusal{"only one fallback can follow a variable"};
    return expression;
}

std::variant<std::vector<TemplateComparison>, TemplateRefusal> parse_template_condition(std::string_view text) {
    Words words{text};
    std::vector<TemplateComparison> comparisons;
    bool begins_alternative = true;
    while (true) {
        auto comparison = comparison_of(words);
        if (auto* refusal = std::get_if<TemplateRefusal>(&comparison)) return std::move(*refusal);
        comparisons.push_back(std::get<TemplateComparison>(std::move(comparison)));
        comparisons.back().begins_alternative = begins_alternative;
        if (words.at_end()) return comparisons;
        const auto word = words.take();
        if (!word.is("and") && !word.is("or")) return TemplateRefusal{"between two comparisons stands and, or"};
        begins_alternative = word.is("or");
    }
}

}  // namespace sequitur::domain
