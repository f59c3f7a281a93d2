#include "mail/host_policy.hpp"

#include <array>
#include <cstring>

namespace sequitur::mail {

namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

constexpr std::string_view loopback = "is a loopback address";

struct Net4 {
    std::uint32_t net;
    int bits;
    std::string_view why;
};

constexpr std::uint32_t ip(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
    return a << 24 | b << 16 | c << 8 | d;
}

// IANA IPv4 Special-Purpose Address Registry; 192.0.2.0/24 and its like lead nowhere and need no rule.
constexpr std::array nets4{
    Net4{ip(0, 0, 0, 0), 8, "is an address of this network"},
    Net4{ip(10, 0, 0, 0), 8, "is a private address"},
    Net4{ip(100, 64, 0, 0), 10, "is an address behind a carrier's NAT"},
    Net4{ip(127, 0, 0, 0), 8, loopback},
    Net4{ip(169, 254, 0, 0), 16, "is a link-local address"},
    Net4{ip(172, 16, 0, 0), 12, "is a private address"},
    Net4{ip(192, 0, 0, 0), 24, "is a reserved address"},
    Net4{ip(192, 168, 0, 0), 16, "is a private address"},
    Net4{ip(198, 18, 0, 0), 15, "is an address for benchmarks"},
    Net4{ip(224, 0, 0, 0), 4, "is a multicast address"},
    Net4{ip(240, 0, 0, 0), 4, "is a reserved address"},
};

struct Net6 {
    std::array<unsigned char, 16> net;
    int bits;
    std::string_view why;
};

// IANA IPv6 Special-Purpose Address Registry.
constexpr std::array nets6{
    Net6{{}, 128, "is no address"},
    Net6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, loopback},
    Net6{{0xfc}, 7, "is a private address"},
    Net6{{0xfe, 0x80}, 10, "is a link-local address"},
    Net6{{0xfe, 0xc0}, 10, "is a private address"},
    Net6{{0xff}, 8, "is a multicast address"},
    Net6{{0x01, 0x00}, 64, "is a discarding address"},
};

constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::array<unsigned char, 12> nat64{0, 0x64, 0xff, 0x9b};
constexpr std::array<unsigned char, 12> compatible{};
constexpr std::array<unsigned char, 2> six_to_four{0x20, 0x02};

std::string_view why4(address_v4 address) {
    for (const auto& net : nets4)
        if ((address.to_uint() ^ net.net) >> (32 - net.bits) == 0) return net.why;
    return {};
}

bool has_prefix(const address_v6::bytes_type& bytes, const auto& prefix) {
    return std::memcmp(bytes.data(), prefix.data(), prefix.size()) == 0;
}

address_v4 v4_at(const address_v6::bytes_type& bytes, std::size_t at) {
    return address_v4{address_v4::bytes_type{bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]}};
}

bool is_in(const address_v6::bytes_type& bytes, const Net6& net) {
    for (int bit = 0; bit < net.bits; ++bit) {
        const auto byte = static_cast<std::size_t>(bit) / 8;
        if ((bytes[byte] ^ net.net[byte]) >> (7 - bit % 8) & 1) return false;
    }
    return true;
}

std::string_view why6(const address_v6& address) {
    const auto bytes = address.to_bytes();
    for (const auto& net : nets6)
        if (is_in(bytes, net)) return net.why;
    if (has_prefix(bytes, mapped) || has_prefix(bytes, nat64) || has_prefix(bytes, compatible))
        return why4(v4_at(bytes, 12));
    if (has_prefix(bytes, six_to_four)) return why4(v4_at(bytes, 2));
    return {};
}

}  // namespace

std::string_view why_private(const address& address) {
    return address.is_v4() ? why4(address.to_v4()) : why6(address.to_v6());
}

bool is_allowed(const address& address, PrivateHosts allowed) {
    const auto why = why_private(address);
    if (why.empty() || allowed == PrivateHosts::yes) return true;
    return why == loopback && allowed == PrivateHosts::loopback;
}

std::vector<address> allowed_of(std::vector<address> addresses, PrivateHosts allowed) {
    std::erase_if(addresses, [&](const auto& one) { return !is_allowed(one, allowed); });
    return addresses;
}

}  // namespace sequitur::mail
