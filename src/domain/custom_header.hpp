// Which header fields a sender may add to a mail: `X-…` of his own, and a few that say what kind of mail it is. What
// the composer writes itself, what makes receivers withhold their answers and what would name our software is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sequitur::domain {

constexpr std::size_t custom_headers_max = 20;
constexpr std::size_t custom_header_bytes_max = 2'000;

/// Why `name: value` may not be added, and what to do about it; nullopt: it may.
std::optional<std::string> problem_of_custom_header(std::string_view name, std::string_view value);

}  // namespace sequitur::domain
