// From where a hit came, as much of it as is kept: the network of 256 addresses (IPv4 /24), of IPv6 the /48.
//
// X-Forwarded-For is believed only from a proxy that the operator has named: everybody else may write what he likes.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sequitur::domain {

/// Networks of proxies that may say for whom they ask.
class TrustedProxies {
public:
    /// "10.0.0.1", "10.0.0.0/8", "::1", "fd00::/8". Throws std::invalid_argument naming the wrong one.
    explicit TrustedProxies(const std::vector<std::string>& networks);
    bool contains(const boost::asio::ip::address& address) const;

private:
    struct Network {
        std::vector<unsigned char> bytes;
        int bits = 0;
    };
    std::vector<Network> networks_;
};

/// "192.0.2.0/24"; empty where the peer has no address. The last address of the header that is not of a proxy counts.
std::string client_network(std::string_view peer, std::optional<std::string_view> forwarded_for,
                           const TrustedProxies& trusted);

}  // namespace sequitur::domain
