// The texts of a step: a subset of Liquid and spintax, compiled once per step version into a flat program.
//
//   {{ first_name }}   {{ first_name | default: "there" | upcase }}   {{ first_name|there }}   {{ custom.role }}
//   {% if company and custom.role == "CTO" %} … {% elsif … %} … {% else %} … {% endif %}   {% unless … %}
//   {Hi|Hello {{first_name}}}   \{   {% raw %} … {% endraw %}
//
// Rendering copies and escapes; values are never parsed again. Escaping follows the place: HTML text, attribute, URL,
// subject, plain text. A value that is missing or blank and has no fallback is not an empty string: the mail is held.
// No loops, no includes, no code. Everything wrong is said when a step is saved.
//
// Marks: whoever read the source (for its links, say) names byte offsets in it, and learns where they are in each
// rendering, so that what was found once need not be looked for in every mail.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/template_program.hpp"

namespace sequitur::domain {

constexpr std::size_t template_source_bytes_max = std::size_t{256} * 1024;
constexpr std::size_t template_output_bytes_max = std::size_t{1024} * 1024;
constexpr std::size_t template_depth_max = 16;
constexpr std::size_t template_errors_max = 20;  ///< more help nobody

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
/// What was rendered grew beyond 1 MiB.
struct TooLong {};

/// Where a mark stands in a rendering: before the byte at `offset`.
struct PlacedMark {
    std::size_t mark = 0;    ///< its number among those that were compiled
    std::size_t offset = 0;  ///< in the output

    bool operator==(const PlacedMark&) const = default;
};

class Template {
public:
    /// Every error at once. A source above 256 KiB is one. A mark is an offset into the source, ascending, at most its
    /// size: it stands before that byte, in the branch that ends there; one within `{{ … }}` stands before the whole.
    static std::variant<Template, std::vector<TemplateError>> compile(std::string_view source, TemplateContext context,
                                                                      std::span<const std::size_t> marks = {});

    /// The value of a variable by its canonical name (`first_name`, `custom.role`); nullopt or blank = missing. What it
    /// returns lives until the rendering is over.
    using Values = std::function<std::optional<std::string_view>(std::string_view name)>;
    using Rendered = std::variant<std::string, MissingVariable, TooLong>;
    /// `seed` decides between the alternatives of spintax: the same one, the same text. `placed` gets the marks that
    /// were rendered, ascending: a mark in a branch that was not taken is not among them.
    Rendered render(const Values& values, std::uint64_t seed = 0, std::vector<PlacedMark>* placed = nullptr) const;
    /// What render() would miss, without rendering.
    std::optional<MissingVariable> missing(const Values& values, std::uint64_t seed = 0) const;
    /// Whether it stands anywhere in it, in a branch or not.
    bool names(std::string_view variable) const;

    /// For looking at: what is missing is shown as `{{name}}` and told.
    struct Preview {
        std::string text;
        std::vector<std::string> missing;  ///< each once, as they come
    };
    std::variant<Preview, TooLong> preview(const Values& values, std::uint64_t seed = 0) const;

    /// Canonical names of all that it looks at, each once, as they come.
    const std::vector<std::string>& variables() const { return program_.variables; }

private:
    TemplateProgram program_;
};

}  // namespace sequitur::domain
