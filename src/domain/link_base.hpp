// Where the links of a mailbox's mails point to: "https://track.example.com", without a slash at its end.
//
// Its own tracking host first, since a shared host inherits everybody's reputation; then the one of the
// installation. A mailbox on a loopback server mails to nobody outside, so its links may lead to this machine.
// Source: protocol §7.
#pragma once

#include <string>
#include <string_view>

namespace sequitur::domain {

/// What the process knows.
struct LinkSettings {
    std::string public_url = {};  ///< `http.public_url`; empty: not set
    std::string listen = {};      ///< `http.listen`, HOST:PORT
};

/// Empty: there is nothing to point to, and the mail carries no link of ours.
std::string link_base(const LinkSettings& settings, std::string_view tracking_host, std::string_view smtp_host);

/// What is wrong with this text as `http.public_url`; empty: nothing.
std::string_view problem_of_public_url(std::string_view url);

}  // namespace sequitur::domain
