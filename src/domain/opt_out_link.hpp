// The opt-out link of one mail, and where it may stand.
#pragma once

#include <string>
#include <string_view>

#include "domain/ports/link_tokens.hpp"

namespace sequitur::domain {

/// "https://go.acme.test/u/TOKEN"; empty where there is no base (domain/link_base.hpp).
std::string opt_out_url(std::string_view base, const LinkTokens& tokens, const EmailId& email);

/// Whether providers may be offered this link, or links with this base, as one click: over https (RFC 8058 §3.1), or
/// on this machine, where no provider comes by.
bool may_be_one_click(std::string_view url);

}  // namespace sequitur::domain
