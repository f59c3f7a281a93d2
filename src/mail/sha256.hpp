#pragma once

#include <string>
#include <string_view>

namespace sequitur::mail {

/// 64 hex digits, lower case.
std::string sha256_hex(std::string_view bytes);

}  // namespace sequitur::mail
