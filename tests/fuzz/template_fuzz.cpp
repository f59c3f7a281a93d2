// A template from anybody, values from anybody: it compiles or says why, and no value gets out of its place.
#include <cassert>
#include <cstdint>

#include "domain/template.hpp"

namespace {

using namespace sequitur::domain;

void render(std::string_view source, TemplateContext context, const std::string& value) {
    const auto compiled = Template::compile(source, context);
    if (const auto* errors = std::get_if<std::vector<TemplateError>>(&compiled)) {
        assert(!errors->empty());
        for (const auto& error : *errors) assert(error.line >= 1 && error.column >= 1 && !error.message.empty());
        return;
    }
    const auto values = [&](std::string_view) { return std::optional{value}; };
    const auto first = std::get<Template>(compiled).render(values);
    const auto second = std::get<Template>(compiled).render(values);
    assert(first.index() == second.index());
    const auto* text = std::get_if<std::string>(&first);
    if (text == nullptr) return;
    assert(*text == std::get<std::string>(second));
    if (context == TemplateContext::html && source.find('<') == std::string_view::npos)
        assert(text->find('<') == std::string::npos);
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
    return 0;
}
