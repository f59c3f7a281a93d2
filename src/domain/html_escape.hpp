// A text of ours in HTML, also between double quotes. What a template puts in is escaped for its place instead
// (template_values.hpp).
#pragma once

#include <string>
#include <string_view>

namespace sequitur::domain {

std::string html_escaped(std::string_view text);
void append_html_escaped(std::string& out, std::string_view text);

}  // namespace sequitur::domain
