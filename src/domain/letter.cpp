#include "domain/letter.hpp"

#include <algorithm>
#include <cctype>

#include "base/ascii.hpp"
#include "domain/messages.hpp"

namespace sequitur::domain {

namespace {

constexpr std::string_view custom = "custom.";
constexpr std::string_view way_out = "unsubscribe_url";

std::optional<std::string_view> value_of(const LetterFields& fields, std::string_view name) {
    if (name == "email") return fields.email;
    if (name == "first_name") return fields.first_name;
    if (name == "last_name") return fields.last_name;
    if (name == "company") return fields.company;
    if (name == "phone") return fields.phone;
    if (name == "sender.name") return fields.sender_name;
    if (name == "sender.email") return fields.sender_email;
    if (name == "unsubscribe_url") return fields.unsubscribe_url;
    if (name == "step") return fields.step;
    if (name == "today") return fields.today;
    const auto found = name.starts_with(custom) ? fields.custom.find(name.substr(custom.size())) : fields.custom.end();
    return found == fields.custom.end() ? std::nullopt : std::optional<std::string_view>{found->second};
}

std::uint64_t seed_of(const LetterFields& fields) { return fields.id.uuid.half(0) ^ fields.id.uuid.half(8); }

}  // namespace

std::variant<LetterTemplate, std::vector<TemplateError>>
LetterTemplate::compile(std::string_view subject, std::string_view content,
                        std::optional<std::string_view> content_text, std::span<const std::size_t> marks) {
    LetterTemplate letter;
    letter.subject_is_empty_ = subject.find_first_not_of(" \t") == std::string_view::npos;
    letter.has_body_ = !std::ranges::search(content, std::string_view{"body"}, {}, ascii_lower).empty();
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
    letter.names_today_ = letter.names("today");
    letter.names_custom_ = letter.any_variable([](std::string_view name) { return name.starts_with(custom); });
    letter.names_way_out_ = letter.html_.names(way_out) || (letter.text_ && letter.text_->names(way_out));
    return letter;
}

bool LetterTemplate::names(std::string_view variable) const {
    return any_variable([&](std::string_view name) { return name == variable; });
}

bool LetterTemplate::any_variable(auto is_meant) const {
    return std::ranges::any_of(subject_.variables(), is_meant) || std::ranges::any_of(html_.variables(), is_meant) ||
           (text_ && std::ranges::any_of(text_->variables(), is_meant));
}

std::optional<MissingVariable> LetterTemplate::missing(const LetterFields& fields) const {
    const Template::Values values = [&](std::string_view name) { return value_of(fields, name); };
    const auto seed = seed_of(fields);
    auto first = subject_is_empty_ ? std::nullopt : subject_.missing(values, seed);
    if (!first) first = html_.missing(values, seed);
    if (!first && text_) first = text_->missing(values, seed);
    return first;
}

std::variant<Letter, MissingVariable, TooLong>
LetterTemplate::write(const LetterFields& fields, std::string_view thread_subject, bool needs_marks) const {
    const Template::Values values = [&](std::string_view name) { return value_of(fields, name); };
    const auto seed = seed_of(fields);
    Letter letter;
    letter.names_way_out = names_way_out_;
    letter.has_body = has_body_;
    letter.continues_thread = subject_is_empty_;
    if (subject_is_empty_) {
        letter.subject = answer_subject(thread_subject);
    } else {
        auto subject = subject_.render(values, seed);
        if (auto* missing = std::get_if<MissingVariable>(&subject)) return std::move(*missing);
        if (std::holds_alternative<TooLong>(subject)) return TooLong{};
        letter.subject = std::get<std::string>(std::move(subject));
    }
    auto html = html_.render(values, seed, needs_marks ? &letter.marks : nullptr);
    if (auto* missing = std::get_if<MissingVariable>(&html)) return std::move(*missing);
    if (std::holds_alternative<TooLong>(html)) return TooLong{};
    letter.html = std::get<std::string>(std::move(html));
    if (!text_) return letter;
    auto text = text_->render(values, seed);
    if (auto* missing = std::get_if<MissingVariable>(&text)) return std::move(*missing);
    if (std::holds_alternative<TooLong>(text)) return TooLong{};
    letter.text = std::get<std::string>(std::move(text));
    return letter;
}

std::variant<LetterPreview, TooLong> LetterTemplate::preview(const LetterFields& fields,
                                                             std::string_view thread_subject) const {
    const Template::Values values = [&](std::string_view name) { return value_of(fields, name); };
    LetterPreview shown;
    bool is_too_long = false;
    const auto add = [](std::vector<std::string>& to, const std::vector<std::string>& names) {
        for (const auto& name : names)
            if (std::ranges::find(to, name) == to.end()) to.push_back(name);
    };
    const auto part = [&](const Template& source) {
        auto preview = source.preview(values, seed_of(fields));
        add(shown.variables, source.variables());
        if (std::holds_alternative<TooLong>(preview)) {
            is_too_long = true;
            return std::string{};
        }
        add(shown.missing, std::get<0>(preview).missing);
        return std::get<0>(std::move(preview)).text;
    };
    shown.letter.continues_thread = subject_is_empty_;
    shown.letter.subject = subject_is_empty_ ? answer_subject(thread_subject) : part(subject_);
    shown.letter.html = part(html_);
    if (text_) shown.letter.text = part(*text_);
    if (is_too_long) return TooLong{};
    return shown;
}

std::string day_text(TimePoint at, int utc_offset_minutes) {
    constexpr std::size_t day_bytes = 10;
    auto text = rfc3339(at + std::chrono::minutes{utc_offset_minutes});
    text.resize(day_bytes);
    return text;
}

std::string answer_subject(std::string_view subject) {
    constexpr std::string_view prefix = "re:";
    const bool answers =
        subject.size() >= prefix.size() && std::ranges::equal(subject.substr(0, prefix.size()), prefix, {},
                                                              [](unsigned char c) { return std::tolower(c); });
    return answers ? std::string{subject} : "Re: " + std::string{subject};
}

}  // namespace sequitur::domain
