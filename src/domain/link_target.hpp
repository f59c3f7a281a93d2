// Where a tracked link may lead: an absolute web address, nothing that a browser would read in another way.
//
// It is written so that it can stand in a Location field as it is: ASCII, without blanks and controls. Whatever is not
// plainly such an address (another scheme, a relative link, user names, odd hosts) is left alone in the mail.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sequitur::domain {

/// From an href as a browser has it (character references replaced): blanks around it go, what a URL may not hold is
/// percent-encoded. nullopt: not to be tracked, or too long for a token.
std::optional<std::string> link_target(std::string_view href);

/// Exactly what link_target() answers: the check before a Location is written.
bool is_link_target(std::string_view url);

/// "https://Shop.Example:8443/x" → "shop.example"; empty for anything else than a web address.
std::string host_of(std::string_view url);

}  // namespace sequitur::domain
