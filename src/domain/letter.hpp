// A step's text for one person: subject, HTML and text, rendered.
//
// A follow-up whose own subject is empty goes on in the thread: "Re: " and the subject that was really sent first.
#pragma once

#include <map>

#include "base/ids.hpp"
#include "domain/template.hpp"

namespace sequitur::domain {

/// Borrowed for the letters written from it, but for the last three.
struct LetterFields {
    EmailId id;  ///< of the mail: what its spintax chooses by, on every try
    std::string_view email;
    std::optional<std::string_view> first_name;
    std::optional<std::string_view> last_name;
    std::optional<std::string_view> company;
    std::optional<std::string_view> phone;
    std::string_view sender_name;
    std::string_view sender_email;
    std::string_view unsubscribe_url;  ///< of this one mail; empty: there is none
    std::map<std::string, std::string, std::less<>> custom;  ///< needed where one is named
    std::string step;   ///< its number, from 1
    std::string today;  ///< the day of the first attempt where the mailbox is: 2026-11-24; needed where it is named
};

struct Letter {
    std::string subject;
    std::string html;
    std::optional<std::string> text;
    bool continues_thread = false;
    bool names_way_out = true;  ///< its template names `unsubscribe_url`, maybe in a branch that was not taken
    bool has_body = true;       ///< the word stands in its template: `</body>` may stand in `html`
    std::vector<PlacedMark> marks;  ///< in `html`, ascending; those of branches not taken are left out
};

/// A letter for looking at: what is missing stands in it as `{{name}}`.
struct LetterPreview {
    Letter letter;
    std::vector<std::string> missing;    ///< each once
    std::vector<std::string> variables;  ///< all that the step looks at, each once
};

class LetterTemplate {
public:
    /// `marks`: offsets into `content`, see Template::compile().
    static std::variant<LetterTemplate, std::vector<TemplateError>>
    compile(std::string_view subject, std::string_view content, std::optional<std::string_view> content_text,
            std::span<const std::size_t> marks = {});

    /// Whether a part of it names the variable, maybe in a branch.
    bool names(std::string_view variable) const;
    /// The same of `today`, and of any `custom.…`: what costs something to say.
    bool names_today() const { return names_today_; }
    bool names_custom() const { return names_custom_; }
    /// What write() would miss, without writing.
    std::optional<MissingVariable> missing(const LetterFields& fields) const;
    /// `thread_subject`: of the first mail of the thread, as it was sent; empty for a first step. Who needs no marks
    /// gets none.
    std::variant<Letter, MissingVariable, TooLong> write(const LetterFields& fields, std::string_view thread_subject,
                                                         bool needs_marks = true) const;
    /// What write() makes of it, with gaps where write() would refuse.
    std::variant<LetterPreview, TooLong> preview(const LetterFields& fields, std::string_view thread_subject) const;

private:
    bool any_variable(auto is_meant) const;

    bool subject_is_empty_ = false;
    bool has_body_ = false;
    bool names_today_ = false;
    bool names_custom_ = false;
    bool names_way_out_ = false;  ///< not in its subject
    Template subject_;
    Template html_;
    std::optional<Template> text_;
};

/// The day of `at` as `today` has it.
std::string day_text(TimePoint at, int utc_offset_minutes);

/// "Re: x"; a subject that is an answer already stays as it is.
std::string answer_subject(std::string_view subject);

}  // namespace sequitur::domain
