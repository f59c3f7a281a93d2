// The texts of a step: variables with fallbacks, compiled once per step version into segments.
//
//   {{ first_name }}   {{ first_name | default: "there" }}   {{ first_name|there }}   {{ custom.role }}
//
// Rendering copies and escapes; values are never parsed again. Escaping follows the place: HTML text, subject,
// plain text. A value that is missing or blank and has no fallback is not an empty string: the mail is held.
// Everything else of the language (filters, conditions, spintax) is refused when a step is saved.
//
// Marks: whoever read the source (for its links, say) names byte offsets in it, and learns where they are in each
// rendering, so that what was found once need not be looked for in every mail.
#pragma once

#include <functional>
#include <optional>
#include <span>
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

/// Where a mark stands in a rendering: before the byte at `offset`.
struct PlacedMark {
    std::size_t mark = 0;    ///< its number among those that were compiled
    std::size_t offset = 0;  ///< in the output

    bool operator==(const PlacedMark&) const = default;
};

class Template {
public:
    /// Every error at once. A source above 256 KiB is one. A mark is an offset into the source, ascending, at most its
    /// size: it stands before that byte; one within `{{ … }}` stands before the whole.
    static std::variant<Template, std::vector<TemplateError>> compile(std::string_view source, TemplateContext context,
                                                                      std::span<const std::size_t> marks = {});

    /// The value of a variable by its canonical name (`first_name`, `custom.role`); nullopt or blank = missing.
    using Values = std::function<std::optional<std::string>(std::string_view name)>;
    /// `placed` gets the marks that were rendered, ascending: a mark in a branch that was not taken is not among them.
    std::variant<std::string, MissingVariable> render(const Values& values,
                                                      std::vector<PlacedMark>* placed = nullptr) const;
    /// What render() would miss, without rendering.
    std::optional<MissingVariable> missing(const Values& values) const;

private:
    static constexpr std::size_t no_variable = static_cast<std::size_t>(-1);
    struct Segment {
        std::string literal;
        std::size_t variable = no_variable;  ///< in `variables_`; its literal stands before it
        std::optional<std::string> fallback;  ///< escaped
    };
    /// In the literal of a segment.
    struct Mark {
        std::size_t segment = 0;
        std::size_t offset = 0;
    };
    std::size_t place_of(std::string variable);
    /// Takes the marks below `end` that are left for the segment to come, whose literal is [from, to) of the source.
    void take_marks(std::span<const std::size_t> marks, std::size_t from, std::size_t to, std::size_t end);

    TemplateContext context_ = TemplateContext::text;
    std::vector<Segment> segments_;
    std::vector<std::string> variables_;  ///< each once: a value is looked up and escaped once a letter
    std::vector<std::size_t> required_;  ///< those that stand somewhere without a fallback, as they come
    std::vector<Mark> marks_;  ///< as they were given
};

}  // namespace sequitur::domain
