// A step's text for one person: subject, HTML and text, rendered.
//
// A follow-up whose own subject is empty goes on in the thread: "Re: " and the subject that was really sent first.
#pragma once

#include <map>

#include "domain/template.hpp"

namespace sequitur::domain {

struct LetterFields {
    std::string email;
    std::optional<std::string> first_name;
    std::optional<std::string> last_name;
    std::optional<std::string> company;
    std::optional<std::string> phone;
    std::map<std::string, std::string, std::less<>> custom;
    std::string sender_name;
    std::string sender_email;
    std::string unsubscribe_url;  ///< of this one mail; empty: there is none
};

struct Letter {
    std::string subject;
    std::string html;
    std::optional<std::string> text;
    bool continues_thread = false;
    std::vector<PlacedMark> marks;  ///< in `html`, ascending; those of branches not taken are left out
};

class LetterTemplate {
public:
    /// `marks`: offsets into `content`, see Template::compile().
    static std::variant<LetterTemplate, std::vector<TemplateError>>
    compile(std::string_view subject, std::string_view content, std::optional<std::string_view> content_text,
            std::span<const std::size_t> marks = {});

    /// What write() would miss, without writing.
    std::optional<MissingVariable> missing(const LetterFields& fields) const;
    /// `thread_subject`: of the first mail of the thread, as it was sent; empty for a first step.
    std::variant<Letter, MissingVariable> write(const LetterFields& fields, std::string_view thread_subject) const;

private:
    bool subject_is_empty_ = false;
    Template subject_;
    Template html_;
    std::optional<Template> text_;
};

/// "Re: x"; a subject that is an answer already stays as it is.
std::string answer_subject(std::string_view subject);

}  // namespace sequitur::domain
