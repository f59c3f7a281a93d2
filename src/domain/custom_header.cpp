#include "domain/custom_header.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "domain/text.hpp"

namespace sequitur::domain {

namespace {

constexpr std::size_t own_name_bytes_max = 60;  // after the X-
constexpr std::array<std::string_view, 3> known{"feedback-id", "auto-submitted", "organization"};
constexpr std::array<std::string_view, 3> refused{"x-sequitur-id", "x-mailer", "x-auto-response-suppress"};

bool is_own_name(std::string_view name) {
    return name.starts_with("x-") && name.size() > 2 && name.size() <= own_name_bytes_max + 2 &&
           std::ranges::all_of(name,
                               [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace

std::optional<std::string> problem_of_custom_header(std::string_view name, std::string_view value) {
    std::string lower{name};
    std::ranges::transform(lower, lower.begin(), ascii_lower);
    const bool is_allowed = std::ranges::find(refused, lower) == refused.end() &&
                            (is_own_name(lower) || std::ranges::find(known, lower) != known.end());
    if (!is_allowed)
        return "this header can not be set; take a name like X-Campaign (letters, digits, hyphens), or Feedback-ID, "
               "Auto-Submitted, Organization";
    if (has_control_characters(value)) return "a header is one line; remove line breaks and control characters";
    if (value.size() > custom_header_bytes_max) return "a header may have at most 2,000 bytes";
    return std::nullopt;
}

}  // namespace sequitur::domain
