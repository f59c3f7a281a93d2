#include "domain/letter.hpp"

#include <algorithm>
#include <cctype>

namespace sequitur::domain {

namespace {

constexpr std::string_view custom = "custom.";

std::optional<std::string> value_of(const LetterFields& fields, std::string_view name) {
    if (name == "email") return fields.email;
    if (name == "first_name") return fields.first_name;
    if (name == "last_name") return fields.last_name;
    if (name == "company") return fields.company;
    if (name == "phone") return fields.phone;
    if (name == "sender.name") return fields.sender_name;
    if (name == "sender.email") return fields.sender_email;
    const auto found = name.starts_with(custom) ? fields.custom.find(name.substr(custom.size())) : fields.custom.end();
    return found == fields.custom.end() ? std::nullopt : std::optional{found->second};
}

}  // namespace

std::variant<LetterTemplate, std::vector<TemplateError>>
LetterTemplate::compile(std::string_view subject, std::string_view content,
                        std::optional<std::string_view> content_text, std::span<const std::size_t> marks) {
    LetterTemplate letter;
    letter.subject_is_empty_ = subject.find_first_not_of(" \t") == std::string_view::npos;
    std::vector<TemplateError> errors;
    const auto part = [&](std::string_view source, TemplateContext context, std::span<const std::size_t> marked = {}) {
        auto compiled = Template::compile(source, context, marked);
        if (auto* wrong = std::get_if<1>(&compiled)) {
            errors.insert(errors.end(), wrong->begin(), wrong->end());
            return Template{};
        }
        return std::get<0>(std::move(compiled));
    };
    letter.subject_ = part(subject, TemplateContext::subject);
    letter.html_ = part(content, TemplateContext::html, marks);
    if (content_text) letter.text_ = part(*content_text, TemplateContext::text);
    if (!errors.empty()) return errors;
    return letter;
}

std::optional<MissingVariable> LetterTemplate::missing(const LetterFields& fields) const {
    const Template::Values values = [&](std::string_view name) { return value_of(fields, name); };
    auto first = subject_is_empty_ ? std::nullopt : subject_.missing(values);
    if (!first) first = html_.missing(values);
    if (!first && text_) first = text_->missing(values);
    return first;
}

std::variant<Letter, MissingVariable> LetterTemplate::write(const LetterFields& fields,
                                                            std::string_view thread_subject) const {
    const Template::Values values = [&](std::string_view name) { return value_of(fields, name); };
    Letter letter;
    letter.continues_thread = subject_is_empty_;
    if (subject_is_empty_) {
        letter.subject = answer_subject(thread_subject);
    } else {
        auto subject = subject_.render(values);
        if (auto* missing = std::get_if<MissingVariable>(&subject)) return *missing;
        letter.subject = std::get<std::string>(std::move(subject));
    }
    auto html = html_.render(values, &letter.marks);
    if (auto* missing = std::get_if<MissingVariable>(&html)) return *missing;
    letter.html = std::get<std::string>(std::move(html));
    if (!text_) return letter;
    auto text = text_->render(values);
    if (auto* missing = std::get_if<MissingVariable>(&text)) return *missing;
    letter.text = std::get<std::string>(std::move(text));
    return letter;
}

std::string answer_subject(std::string_view subject) {
    constexpr std::string_view prefix = "re:";
    const bool answers =
        subject.size() >= prefix.size() && std::ranges::equal(subject.substr(0, prefix.size()), prefix, {},
                                                              [](unsigned char c) { return std::tolower(c); });
    return answers ? std::string{subject} : "Re: " + std::string{subject};
}

}  // namespace sequitur::domain
