// What a client says in AUTH, as the base64 that goes over the wire. Pure; the session chooses among them.
// RFC 4616 (PLAIN), 2195 (CRAM-MD5), 7628 (OAUTHBEARER); XOAUTH2 as Google and Microsoft describe it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sequitur::mail::sasl {

std::string plain(std::string_view user, std::string_view password);

/// nullopt: the challenge is not base64.
std::optional<std::string> cram_md5(std::string_view user, std::string_view password, std::string_view challenge);

std::string xoauth2(std::string_view user, std::string_view token);
std::string oauthbearer(std::string_view user, std::string_view host, int port, std::string_view token);

/// The answer to a server that explains in a 334 why a token is refused; its refusal follows.
inline constexpr std::string_view xoauth2_go_on;
inline constexpr std::string_view oauthbearer_go_on = "AQ==";  // RFC 7628 §3.2.3: one 0x01

}  // namespace sequitur::mail::sasl
