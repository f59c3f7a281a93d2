// A compiled template: operations in the order of the source, jumps only forward, so that one pass renders it and
// nothing can make it run for long.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sequitur::domain {

/// Where a value stands, which says how it is escaped.
enum class TemplatePlace {
    text,                ///< plain text: as it is
    subject,             ///< one header line: without control characters
    html,                ///< between tags
    attribute,           ///< a quoted attribute value
    attribute_unquoted,  ///< blanks would end it
    url_start,           ///< href="{{…}}": the value is the address, or begins it
    url_path,            ///< href="https://x.test/{{…}}"
    url_query,           ///< href="https://x.test/?q={{…}}", fragment included
};

enum class TemplateFilter { fallback, upcase, downcase, capitalize, strip, truncate, url_encode };

struct TemplateFilterCall {
    TemplateFilter filter{};
    std::string text;        ///< of `fallback`; the ellipsis of `truncate`
    std::size_t number = 0;  ///< characters of `truncate`
};

struct TemplateValue {
    std::uint32_t variable = 0;  ///< in `variables`
    TemplatePlace place{};
    bool has_fallback = false;
    std::string fallback;                     ///< escaped; used where `filters` is empty
    std::vector<TemplateFilterCall> filters;  ///< empty if there is nothing but a fallback
};

/// One comparison of a condition, or the question whether a variable has a value.
struct TemplateTest {
    enum class Kind { has_value, equal, not_equal, contains };
    struct Operand {
        std::optional<std::uint32_t> variable;
        std::string text;
    };
    Kind kind{};
    Operand left;
    Operand right;
    bool begins_alternative = false;  ///< after `or`; `and` binds stronger
};

struct TemplateCondition {
    std::vector<TemplateTest> tests;
    bool is_negated = false;  ///< unless
};

struct TemplateOperation {
    enum class Kind {
        literal,  ///< text[a, b)
        value,    ///< values[a]
        branch,   ///< conditions[a] does not hold: on to b
        jump,     ///< on to b
        choice,   ///< on to one of choices[a]
    };
    Kind kind{};
    std::uint32_t a = 0;
    std::uint32_t b = 0;
};

/// In a literal.
struct TemplateMark {
    std::uint32_t operation = 0;
    std::uint32_t offset = 0;
};

struct TemplateProgram {
    std::string text;  ///< all literals, one after another
    std::vector<TemplateOperation> operations;
    std::vector<TemplateValue> values;
    std::vector<TemplateCondition> conditions;
    std::vector<std::vector<std::uint32_t>> choices;  ///< where each alternative begins
    std::vector<std::string> variables;               ///< canonical names, each once
    std::vector<TemplateMark> marks;                  ///< as they were given
    /// Of `values`, those that may be missing, a plain variable once; nullopt: it depends on a branch.
    std::optional<std::vector<std::uint32_t>> demanded;
    std::uint64_t salt = 0;                           ///< parts of one mail choose independently
};

}  // namespace sequitur::domain
