// A template from anybody, values from anybody: it compiles or says why, no value gets out of its place, nothing costs
// more than its bytes. The second half of the input, after a NUL, is the value of every variable.
#include <algorithm>
#include <cassert>
#include <cstdint>
#include <numeric>

#include "domain/template.hpp"
#include "mail/html_to_text.hpp"
#include "mail/text_source.hpp"

namespace {

using namespace sequitur::domain;

std::size_t count(std::string_view text, char c) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), c));
}

void check_errors(const std::vector<TemplateError>& errors, std::string_view source) {
    assert(!errors.empty() && errors.size() <= template_errors_max);
    for (const auto& error : errors) {
        assert(error.line >= 1 && error.column >= 1 && !error.message.empty());
        assert(static_cast<std::size_t>(error.line) <= 1 + count(source, '\n'));
    }
}

/// Every byte is marked: the marks that come back ascend, and name places of the output.
void check_marks(std::string_view source, TemplateContext context, const Template::Values& values, std::uint64_t seed,
                 const std::string& expected) {
    std::vector<std::size_t> marks(source.size() + 1);
    std::iota(marks.begin(), marks.end(), std::size_t{0});
    const auto compiled = std::get<Template>(Template::compile(source, context, marks));
    std::vector<PlacedMark> placed;
    const auto text = compiled.render(values, seed, &placed);
    assert(std::get<std::string>(text) == expected);
    assert(!placed.empty());
    for (std::size_t i = 0; i < placed.size(); ++i) {
        assert(placed[i].offset <= expected.size() && placed[i].mark < marks.size());
        assert(i == 0 || (placed[i].mark > placed[i - 1].mark && placed[i].offset >= placed[i - 1].offset));
    }
}

/// Where a value stands in text, no sign of it ends the text; a subject stays one line.
void check_escapes(std::string_view source, TemplateContext context, const std::string& text) {
    if (context == TemplateContext::html && source.find('<') == std::string_view::npos)
        assert(text.find('<') == std::string::npos);
    if (context == TemplateContext::subject && source.find_first_of("\r\n") == std::string_view::npos)
        assert(text.find_first_of("\r\n") == std::string::npos);
}

void render(std::string_view source, TemplateContext context, const std::string& value) {
    const auto compiled = Template::compile(source, context);
    if (const auto* errors = std::get_if<std::vector<TemplateError>>(&compiled)) return check_errors(*errors, source);
    const auto& made = std::get<Template>(compiled);
    const Template::Values values = [&](std::string_view) { return std::optional<std::string_view>{value}; };
    const Template::Values nothing = [](std::string_view) { return std::nullopt; };
    for (const std::uint64_t seed : {1U, 2U}) {
        assert(made.missing(values, seed).has_value() == (made.render(values, seed).index() == 1));
        assert(made.missing(nothing, seed).has_value() == (made.render(nothing, seed).index() == 1));
        const auto first = made.render(values, seed);
        assert(first.index() == made.render(values, seed).index());
        const auto* text = std::get_if<std::string>(&first);
        if (text == nullptr) continue;
        assert(*text == std::get<std::string>(made.render(values, seed)));
        assert(text->size() <= template_output_bytes_max);
        assert(std::get<Template::Preview>(made.preview(values, seed)).text == *text);
        check_escapes(source, context, *text);
        check_marks(source, context, values, seed, *text);
    }
}

/// The text of a step says what its HTML says.
void derive(std::string_view source) {
    const auto text = sequitur::mail::text_source(source);
    if (!text) return;
    const auto html = Template::compile(source, TemplateContext::html);
    if (html.index() == 1) return;
    assert(Template::compile(*text, TemplateContext::text).index() == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    const auto cut = bytes.find('\0');
    const auto source = bytes.substr(0, cut);
    const std::string value{cut == std::string_view::npos ? "<{{email}}>" : bytes.substr(cut + 1)};
    render(source, TemplateContext::html, value);
    render(source, TemplateContext::subject, value);
    render(source, TemplateContext::text, value);
    derive(source);
    return 0;
}
