// Email addresses as they are accepted, stored, compared and put on the wire.
//
// The domain becomes its A-label in lower case (IDNA 2008, non-transitional), so header and envelope
// never hold anything but ASCII there. The local part is dot-atom text, in any alphabet: outside ASCII its mail needs
// a server with SMTPUTF8 (RFC 6531). Limits of RFC 5321 §4.5.3.1.
#pragma once

#include <string>
#include <string_view>
#include <variant>

namespace sequitur::domain {

constexpr std::size_t local_part_bytes_max = 64;
constexpr std::size_t domain_bytes_max = 255;
constexpr std::size_t address_bytes_max = 254;  // a path of 256 with its brackets

struct Address {
    std::string local;
    std::string domain;  ///< A-label, lower case

    std::string text() const { return local + '@' + domain; }
    /// What makes two addresses one person: the local part in lower case too. Neither dots nor +tags are folded.
    std::string normalised() const;

    auto operator<=>(const Address&) const = default;
};

/// Why it is none, and what to do about it.
struct AddressProblem {
    std::string message;
};

/// A mail domain by itself, as its A-label in lower case. Blanks around it are ignored.
std::variant<std::string, AddressProblem> parse_mail_domain(std::string_view text);

/// Blanks around the address are ignored.
std::variant<Address, AddressProblem> parse_address(std::string_view text);

}  // namespace sequitur::domain
