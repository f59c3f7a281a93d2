// SHA-256 (FIPS 180-4) of a message: what the ledger and the events say was sent. Every function is thread-safe.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace sequitur::mail {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view bytes);

/// Where the processor has instructions for it, two messages of one length take hardly longer than one of them
/// (decision 0053); elsewhere they are hashed one after the other.
std::pair<Sha256, Sha256> sha256_of_two(std::string_view first, std::string_view second);

/// 64 hex digits, lower case.
std::array<char, 64> hex(const Sha256& digest);
std::string sha256_hex(std::string_view bytes);

}  // namespace sequitur::mail
