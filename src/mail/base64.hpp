// Base64 with padding (RFC 4648 §4) and base64url without it (§5), one line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sequitur::mail {

std::string base64(std::string_view bytes);
/// nullopt for anything but complete groups of the alphabet.
std::optional<std::string> base64_decode(std::string_view text);

std::string base64url(std::string_view bytes);
/// nullopt for anything but the one text that base64url() makes of some bytes.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace sequitur::mail
