// What stands between the braces: a variable with its filters, or a condition.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/template_program.hpp"

namespace sequitur::domain {

/// Why it can not be read.
struct TemplateRefusal {
    std::string message;
};

struct TemplateExpression {
    std::string variable;
    std::vector<TemplateFilterCall> filters;
};
/// `first_name | default: "there" | upcase`, `first_name|there`.
std::variant<TemplateExpression, TemplateRefusal> parse_template_value(std::string_view inside);

/// A comparison before its variables have numbers.
struct TemplateComparison {
    struct Operand {
        bool is_variable = false;
        std::string text;  ///< of a variable its canonical name
    };
    TemplateTest::Kind kind{};
    Operand left;
    Operand right;
    bool begins_alternative = false;
};
/// `company and custom.role == "CTO" or email contains "@acme."`.
std::variant<std::vector<TemplateComparison>, TemplateRefusal> parse_template_condition(std::string_view text);

}  // namespace sequitur::domain
