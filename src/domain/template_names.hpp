// The variables and filters that the template language knows, and what may have been meant by one that it does not.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/template_program.hpp"

namespace sequitur::domain {

/// `firstName` → `first_name`, `custom.role` as it is; nullopt: there is no such variable.
std::optional<std::string> canonical_variable(std::string_view name);
/// Says so, with the nearest name.
std::string unknown_variable(std::string_view name);

std::optional<TemplateFilter> template_filter(std::string_view name);
std::string unknown_filter(std::string_view name);
/// A word so near to a filter that it was meant to be one, rather than to be a text.
bool is_almost_a_filter(std::string_view word);

/// A blank value is none.
bool is_blank_value(std::string_view value);
std::string_view without_edge_blanks(std::string_view text);

}  // namespace sequitur::domain
