// The text part of a step, derived once from its HTML source instead of once from every mail: variables stay as they
// are written, and are filled in as plain text later.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sequitur::mail {

/// In the template language. nullopt where only the filled-in HTML can tell: conditions, spintax and escaped braces
/// (what is left out around them?), a variable in the path of an address, what would read as a variable only once its
/// entities are decoded, control characters.
std::optional<std::string> text_source(std::string_view html_source);

}  // namespace sequitur::mail
