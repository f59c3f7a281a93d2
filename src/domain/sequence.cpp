#include "domain/sequence.hpp"

#include <algorithm>
#include <array>

#include "domain/template.hpp"
#include "domain/text.hpp"

namespace sequitur::domain {

namespace {

constexpr std::array<std::string_view, 4> status_names{"draft", "active", "paused", "archived"};

// A header line's limit (RFC 5322 §2.1.1): what is longer is no subject.
constexpr std::size_t subject_chars_max = 998;

class Check {
public:
    std::vector<Problem> problems;

    void note(std::string pointer, std::string code, std::string detail) {
        problems.push_back({std::move(pointer), std::move(code), std::move(detail)});
    }

    void name(const std::string& text) {
        if (is_blank(text)) return note("/name", "empty", "A sequence needs a name.");
        if (chars(text) > sequence_name_chars_max)
            note("/name", "too_long",
                 "A name may have at most " + std::to_string(sequence_name_chars_max) + " characters.");
        if (has_control_characters(text)) note("/name", "control_character", "A name must be one line.");
    }

    void step(const NewStep& step, std::size_t position) {
        const auto at = "/steps/" + std::to_string(position);
        if (position == 0 && is_blank(step.subject))
            note(at + "/subject", "required",
                 "The first step needs a subject; a later one without continues the thread.");
        if (chars(step.subject) > subject_chars_max)
            note(at + "/subject", "too_long",
                 "A subject may have at most " + std::to_string(subject_chars_max) + " characters.");
        if (has_control_characters(step.subject))
            note(at + "/subject", "control_character", "A subject must be one line.");
        else
            text(at + "/subject", step.subject, TemplateContext::subject);
        if (is_blank(step.content)) note(at + "/content", "empty", "A step needs a content.");
        text(at + "/content", step.content, TemplateContext::html);
        if (step.content_text) text(at + "/content_text", *step.content_text, TemplateContext::text);
        const int wait_days = step.wait_days_at(position);
        if (wait_days < 0 || wait_days > wait_days_max)
            note(at + "/wait_days", "out_of_range",
                 "`wait_days` must be a whole number from 0 to " + std::to_string(wait_days_max) + ".");
    }

private:
    void text(const std::string& pointer, const std::string& source, TemplateContext context) {
        if (source.size() > step_content_bytes_max)
            return note(pointer, "too_long",
                        "A text may have at most " + std::to_string(step_content_bytes_max / 1024) + " KiB.");
        const auto compiled = Template::compile(source, context);
        const auto* errors = std::get_if<std::vector<TemplateError>>(&compiled);
        if (!errors) return;
        for (const auto& error : *errors)
            note(pointer, "template",
                 "Line " + std::to_string(error.line) + ", column " + std::to_string(error.column) + ": " +
                     error.message);
    }
};

}  // namespace

std::string_view name(SequenceStatus status) { return status_names[static_cast<std::size_t>(status)]; }

std::optional<SequenceStatus> sequence_status(std::string_view name) {
    const auto found = std::ranges::find(status_names, name);
    if (found == status_names.end()) return std::nullopt;
    return static_cast<SequenceStatus>(found - status_names.begin());
}

std::vector<Problem> problems_of(const NewSequence& sequence) {
    Check check;
    check.name(sequence.name);
    if (sequence.status == SequenceStatus::archived)
        check.note("/status", "unknown_value", "A new sequence can not be archived.");
    if (sequence.steps.empty()) check.note("/steps", "empty", "A sequence needs at least one step.");
    if (sequence.steps.size() > sequence_steps_max)
        check.note("/steps", "too_many",
                   "A sequence may have at most " + std::to_string(sequence_steps_max) + " steps.");
    for (std::size_t i = 0; i < sequence.steps.size(); ++i) check.step(sequence.steps[i], i);
    return std::move(check.problems);
}

}  // namespace sequitur::domain
