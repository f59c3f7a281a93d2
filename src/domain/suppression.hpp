// Who must not be mailed: an address or a whole mail domain, in the form in which addresses are compared.
//
// Domains as A-labels in lower case, local parts in lower case; neither dots nor +tags are folded: to some servers
// they are other people. Source: mail.md §7.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <variant>

#include "domain/address.hpp"

namespace sequitur::domain {

constexpr std::size_t suppressions_added_max = 10'000;
constexpr std::size_t suppression_note_chars_max = 1'000;

/// The words of `suppressions.reason`.
constexpr std::array<std::string_view, 5> suppression_reasons{"unsubscribed", "bounced", "complained", "manual",
                                                              "import"};

struct Suppressed {
    std::string kind;   ///< "email" or "domain"
    std::string value;  ///< normalised

    auto operator<=>(const Suppressed&) const = default;
};

/// "Ana@Acme.test" is an address; "acme.test" and "@acme.test" are a domain.
std::variant<Suppressed, AddressProblem> parse_suppressed(std::string_view text);

}  // namespace sequitur::domain
