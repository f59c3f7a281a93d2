// UTF-8 by hand: how long the next character is, and text made well-formed.
#pragma once

#include <string>
#include <string_view>

namespace sequitur::mail {

/// Bytes of the well-formed character at `at` (RFC 3629), 0 if there is none.
std::size_t character_bytes(std::string_view text, std::size_t at);
/// Every byte that is not part of a character becomes U+FFFD.
std::string well_formed(std::string_view text);
void append_utf8(std::string& out, char32_t code_point);

}  // namespace sequitur::mail
