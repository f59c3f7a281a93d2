// Which addresses mail may be sent to. A mailbox names its server, so whoever may make a mailbox could otherwise let
// this machine speak to its neighbours (SSRF). The address is checked that is then connected to: a name is resolved
// once. docs/decisions/0041-private-hosts.md.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <string_view>
#include <vector>

namespace sequitur::mail {

enum class PrivateHosts {
    no,
    loopback,  ///< this machine itself
    yes,
};

/// Whether mail may go there. IPv4 addresses in IPv6 clothes (mapped, NAT64, 6to4) are looked at as what they are.
bool is_allowed(const boost::asio::ip::address& address, PrivateHosts allowed);

/// "is a loopback address", "is a private address" …; empty for an address of the public Internet.
std::string_view why_private(const boost::asio::ip::address& address);

/// Takes out what is not allowed.
std::vector<boost::asio::ip::address> allowed_of(std::vector<boost::asio::ip::address> addresses, PrivateHosts allowed);

}  // namespace sequitur::mail
