// What is done with a value before it stands in a text: filters, then escaping for its place.
#pragma once

#include <string>
#include <string_view>

#include "domain/template_program.hpp"

namespace sequitur::domain {

void append_escaped(std::string& out, std::string_view value, TemplatePlace place);
/// append_escaped() would change nothing; false where that is not known without doing it.
bool stands_for_itself(std::string_view value, TemplatePlace place);

/// Percent-encoded but for letters, digits and - . _ ~ (RFC 3986 §2.3).
std::string url_encoded(std::string_view value);
/// Simple case mapping, one character for one: Latin, Greek, Cyrillic, Armenian. `ß` stays.
std::string upcased(std::string_view value);
std::string downcased(std::string_view value);
/// The first character in upper case, the others in lower case, as Liquid has it.
std::string capitalized(std::string_view value);
/// At most `characters`, the ellipsis included.
std::string truncated(std::string_view value, std::size_t characters, std::string_view ellipsis);

}  // namespace sequitur::domain
