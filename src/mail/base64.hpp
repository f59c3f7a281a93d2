// Base64 with padding (RFC 4648 §4), one line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sequitur::mail {

std::string base64(std::string_view bytes);
/// nullopt for anything but complete groups of the alphabet.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace sequitur::mail
