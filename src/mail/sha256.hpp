// SHA-256 (FIPS 180-4) of a message, in hex: what the ledger and the events say was sent.
#pragma once

#include <string>
#include <string_view>

namespace sequitur::mail {

/// 64 hex digits, lower case.
std::string sha256_hex(std::string_view bytes);

}  // namespace sequitur::mail
