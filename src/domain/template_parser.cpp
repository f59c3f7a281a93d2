// From tokens to the program. Each branch of a condition or of spintax must end in the same place of the HTML, so that
// what follows is escaped for where it stands whatever was chosen.
#include <algorithm>
#include <functional>

#include "domain/template.hpp"
#include "domain/template_expression.hpp"
#include "domain/template_html.hpp"
#include "domain/template_names.hpp"
#include "domain/template_tokens.hpp"
#include "domain/template_values.hpp"

namespace sequitur::domain {

namespace {

using Kind = TemplateToken::Kind;
using Operation = TemplateOperation::Kind;

struct PlacedError {
    std::size_t offset = 0;
    std::string message;
};

std::uint32_t number(std::size_t size) { return static_cast<std::uint32_t>(size); }

class Parser {
public:
    Parser(TemplateContext context, std::span<const std::size_t> marks, TemplateTokens tokens)
        : context_(context), marks_(marks), tokens_(std::move(tokens.tokens)) {
        program_.salt = static_cast<std::uint64_t>(context);
        is_cut_ = !tokens.error.empty();
        if (is_cut_) error(tokens.error_at, std::move(tokens.error));
    }

    TemplateProgram read() {
        body(0);
        while (!is_over()) {  // the tag of no `if`
            error(token().from, "{% " + std::string{tag_word(token().inside)} + " %} without {% if %}");
            ++at_;
            body(0);
        }
        take_marks(marks_.size());
        flush();
        note_demanded();
        return std::move(program_);
    }
    std::vector<PlacedError> errors;

private:
    bool is_over() const { return at_ >= tokens_.size(); }
    const TemplateToken& token() const { return tokens_[at_]; }
    /// Reading ends where there are enough of them.
    void error(std::size_t offset, std::string message) {
        if (errors.size() < template_errors_max) errors.push_back({offset, std::move(message)});
        if (errors.size() < template_errors_max) return;
        is_cut_ = true;
        at_ = tokens_.size();
    }

    /// Up to what does not belong to it: a bar, a closing brace, elsif, else, endif.
    void body(std::size_t depth) {
        for (; !is_over(); ++at_) {
            if (token().kind == Kind::text) {
                literal(token());
                continue;
            }
            take_marks_before(token().to);
            if (token().kind == Kind::bar || token().kind == Kind::close) return;
            if (token().kind == Kind::value)
                value(token());
            else if (token().kind == Kind::open)
                nested(depth, [&] { choice(depth + 1); });
            else if (const auto word = tag_word(token().inside); word == "if" || word == "unless")
                nested(depth, [&] { condition(depth + 1, word == "unless"); });
            else if (word == "elsif" || word == "else" || word == "endif" || word == "endunless")
                return;
            else
                error(token().from, "unknown tag '" + std::string{word.substr(0, 40)} +
                                        "'; there are if, elsif, else, endif, unless, endunless, raw");
            if (is_over()) return;
        }
    }

    template <class Read> void nested(std::size_t depth, Read read) {
        if (depth < template_depth_max) return read();
        error(token().from, "nested deeper than " + std::to_string(template_depth_max) + " levels");
        is_cut_ = true;
        at_ = tokens_.size();
    }

    void literal(const TemplateToken& token) {
        // A text that stands as it is written may hold marks between its bytes.
        const bool is_as_written = token.inside.size() == token.to - token.from;
        const auto before = program_.text.size();
        for (; mark_ < marks_.size() && marks_[mark_] < token.to; ++mark_) {
            const auto into = is_as_written && marks_[mark_] > token.from ? marks_[mark_] - token.from : 0;
            program_.marks.push_back({number(program_.operations.size()), number(before + into - literal_from_)});
        }
        program_.text += token.inside;
        if (context_ == TemplateContext::html) html_.read(token.inside);
    }

    void take_marks_before(std::size_t offset) {
        std::size_t end = mark_;
        while (end < marks_.size() && marks_[end] < offset) ++end;
        take_marks(end);
    }
    /// What is next stands where the text of now ends.
    void take_marks(std::size_t end) {
        for (; mark_ < end; ++mark_)
            program_.marks.push_back(
                {number(program_.operations.size()), number(program_.text.size() - literal_from_)});
    }

    /// The literal so far becomes an operation. Marks have been given its number already.
    void flush() {
        const bool is_marked = !program_.marks.empty() && program_.marks.back().operation == program_.operations.size();
        if (program_.text.size() == literal_from_ && !is_marked) return;
        program_.operations.push_back({Operation::literal, number(literal_from_), number(program_.text.size())});
        literal_from_ = program_.text.size();
    }
    std::size_t emit(Operation kind, std::size_t a) {
        flush();
        program_.operations.push_back({kind, number(a), 0});
        return program_.operations.size() - 1;
    }
    void land(std::size_t jump) {
        flush();
        program_.operations[jump].b = number(program_.operations.size());
    }

    std::uint32_t variable(const std::string& name) {
        const auto found = std::ranges::find(program_.variables, name);
        const auto place = number(static_cast<std::size_t>(found - program_.variables.begin()));
        if (found == program_.variables.end()) program_.variables.push_back(name);
        return place;
    }

    void value(const TemplateToken& token) {
        auto parsed = parse_template_value(token.inside);
        if (auto* refusal = std::get_if<TemplateRefusal>(&parsed))
            return error(token.from, std::move(refusal->message));
        auto& expression = std::get<TemplateExpression>(parsed);
        const auto place = place_of_value();
        if (!place) return error(token.from, "a variable can not be the name of an HTML tag; a sign < is written &lt;");
        TemplateValue made{variable(expression.variable), *place, false, {}, std::move(expression.filters)};
        for (const auto& call : made.filters) made.has_fallback |= call.filter == TemplateFilter::fallback;
        if (made.filters.size() == 1 && made.has_fallback) {
            append_escaped(made.fallback, made.filters.front().text, made.place);
            made.filters.clear();
        }
        emit(Operation::value, program_.values.size());
        program_.values.push_back(std::move(made));
    }

    std::optional<TemplatePlace> place_of_value() {
        switch (context_) {
            case TemplateContext::text: return TemplatePlace::text;
            case TemplateContext::subject: return TemplatePlace::subject;
            case TemplateContext::html: break;
        }
        return html_.value();
    }

    std::size_t condition_of(const TemplateToken& token, bool is_negated) {
        const auto text = token.inside.substr(tag_word(token.inside).size());
        auto parsed = parse_template_condition(text);
        TemplateCondition made;
        made.is_negated = is_negated;
        if (auto* refusal = std::get_if<TemplateRefusal>(&parsed)) {
            error(token.from, std::move(refusal->message));
        } else {
            const auto operand = [&](const TemplateComparison::Operand& from) {
                return from.is_variable ? TemplateTest::Operand{variable(from.text), {}}
                                        : TemplateTest::Operand{std::nullopt, from.text};
            };
            for (const auto& test : std::get<0>(parsed))
                made.tests.push_back({test.kind, operand(test.left), operand(test.right), test.begins_alternative});
        }
        program_.conditions.push_back(std::move(made));
        return program_.conditions.size() - 1;
    }

    /// The places at the ends of the branches, as they come.
    struct Branches {
        HtmlPlaces before;
        std::optional<HtmlPlaces> after;
        bool agree = true;
        void end(const HtmlPlaces& here) {
            if (!after)
                after = here;
            else
                agree = after->merge(here) && agree;
        }
    };
    void join(Branches& branches, std::size_t offset) {
        html_ = *branches.after;
        if (!branches.agree && !is_cut_)
            error(offset, "the alternatives must end in the same place of the HTML; close each tag and attribute in "
                          "the alternative that opens it");
    }

    /// One alternative, from the token after `at_`.
    void branch(Branches& branches, std::size_t depth) {
        ++at_;
        html_ = branches.before;
        body(depth);
        branches.end(html_);
    }

    void condition(std::size_t depth, bool is_negated) {
        const auto offset = token().from;
        const std::string_view opener = is_negated ? "unless" : "if";
        Branches branches{html_, {}};
        std::vector<std::size_t> to_end;
        std::size_t to_next = emit(Operation::branch, condition_of(token(), is_negated));
        bool has_else = false;
        while (true) {
            branch(branches, depth);
            const auto word = is_over() || token().kind != Kind::tag ? std::string_view{} : tag_word(token().inside);
            const bool goes_on = word == "elsif" || word == "else";
            if (goes_on && !has_else) {
                to_end.push_back(emit(Operation::jump, 0));
                land(to_next);
                has_else = word == "else";
                if (!has_else) to_next = emit(Operation::branch, condition_of(token(), false));
                continue;
            }
            if (word == (is_negated ? "endunless" : "endif")) break;
            if (!is_cut_)
                error(is_over() ? offset : token().from,
                      "{% " + std::string{opener} + " %} ends with {% end" + std::string{opener} + " %}");
            break;
        }
        flush();
        if (!has_else) {
            land(to_next);
            branches.end(branches.before);
        }
        for (const auto jump : to_end) land(jump);
        join(branches, offset);
    }

    void choice(std::size_t depth) {
        const auto offset = token().from;
        const auto choice = program_.choices.size();
        program_.choices.emplace_back();
        emit(Operation::choice, choice);
        Branches branches{html_, {}};
        std::vector<std::size_t> to_end;
        while (true) {
            program_.choices[choice].push_back(number(program_.operations.size()));
            branch(branches, depth);
            if (is_over() || token().kind != Kind::bar) break;
            to_end.push_back(emit(Operation::jump, 0));
        }
        flush();
        for (const auto jump : to_end) land(jump);
        join(branches, offset);
    }

    void note_demanded() {
        if (!program_.conditions.empty() || !program_.choices.empty()) return;
        std::vector<bool> is_noted(program_.variables.size());
        auto& demanded = program_.demanded.emplace();
        for (std::uint32_t at = 0; at < program_.values.size(); ++at) {
            const auto& value = program_.values[at];
            const bool is_plain = value.filters.empty();
            if (value.has_fallback || (is_plain && is_noted[value.variable])) continue;
            demanded.push_back(at);
            if (is_plain) is_noted[value.variable] = true;
        }
    }

    TemplateContext context_;
    std::span<const std::size_t> marks_;
    std::vector<TemplateToken> tokens_;
    bool is_cut_ = false;  ///< not read to its end: nobody looks for closing tags
    std::size_t at_ = 0;
    std::size_t mark_ = 0;
    std::size_t literal_from_ = 0;
    HtmlPlaces html_;
    TemplateProgram program_;
};

/// With lines and columns, looked up in one pass.
std::vector<TemplateError> located(std::string_view source, std::vector<PlacedError> errors) {
    std::ranges::sort(errors, {}, &PlacedError::offset);
    std::vector<TemplateError> found;
    std::size_t line_from = 0;
    int line = 1;
    std::size_t at = 0;
    for (auto& error : errors) {
        for (; at < error.offset; ++at) {
            if (source[at] != '\n') continue;
            ++line;
            line_from = at + 1;
        }
        found.push_back({line, static_cast<int>(error.offset - line_from) + 1, std::move(error.message)});
    }
    return found;
}

}  // namespace

std::variant<Template, std::vector<TemplateError>> Template::compile(std::string_view source, TemplateContext context,
                                                                     std::span<const std::size_t> marks) {
    if (source.size() > template_source_bytes_max)
        return std::vector{TemplateError{1, 1, "the text is longer than 256 KiB"}};
    Parser parser{context, marks, template_tokens(source, context == TemplateContext::html)};
    Template compiled;
    compiled.program_ = parser.read();
    if (!parser.errors.empty()) return located(source, std::move(parser.errors));
    return compiled;
}

}  // namespace sequitur::domain
