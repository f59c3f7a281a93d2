// The texts of a step: variables with fallbacks, compiled once per step version into segments.
//
//   {{ first_name }}   {{ first_name | default: "there" }}   {{ first_name|there }}   {{ custom.role }}
//
// Rendering copies and escapes; values are never parsed again. Escaping follows the place: HTML text, subject,
// plain text. A value that is missing or blank and has no fallback is not an empty string: the mail is held.
// Everything else of the language (filters, conditions, spintax) is refused when a step is saved.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sequitur::domain {

enum class TemplateContext { html, subject, text };

struct TemplateError {
    int line = 1;    ///< from 1
    int column = 1;  ///< from 1, in bytes
    std::string message;
};

/// The variable without a value.
struct MissingVariable {
    std::string name;
};

class Template {
public:
    /// Every error at once. A source above 256 KiB is one.
    static std::variant<Template, std::vector<TemplateError>> compile(std::string_view source, TemplateContext context);

    /// The value of a variable by its canonical name (`first_name`, `custom.role`); nullopt or blank = missing.
    using Values = std::function<std::optional<std::string>(std::string_view name)>;
    std::variant<std::string, MissingVariable> render(const Values& values) const;

private:
    struct Segment {
        std::string literal;
        std::string variable;  ///< empty: the segment is its literal alone; else its literal stands before it
        std::optional<std::string> fallback;
    };

    TemplateContext context_ = TemplateContext::text;
    std::vector<Segment> segments_;
};

}  // namespace sequitur::domain
