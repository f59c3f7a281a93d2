#include "domain/client_network.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace sequitur::domain {

namespace {

using boost::asio::ip::address;

std::optional<address> address_of(std::string_view text) {
    const auto from = text.find_first_not_of(" \t");
    if (from == std::string_view::npos) return std::nullopt;
    text = text.substr(from, text.find_last_not_of(" \t") + 1 - from);
    if (text.size() > 45) return std::nullopt;
    boost::system::error_code error;
    auto found = boost::asio::ip::make_address(std::string{text}, error);
    if (error) return std::nullopt;
    if (found.is_v6() && found.to_v6().is_v4_mapped())
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, found.to_v6());
    return found;
}

std::vector<unsigned char> bytes_of(const address& found) {
    if (found.is_v4()) {
        const auto bytes = found.to_v4().to_bytes();
        return {bytes.begin(), bytes.end()};
    }
    const auto bytes = found.to_v6().to_bytes();
    return {bytes.begin(), bytes.end()};
}

std::vector<unsigned char> masked(std::vector<unsigned char> bytes, int bits) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int kept = std::clamp(bits - 8 * static_cast<int>(i), 0, 8);
        bytes[i] = static_cast<unsigned char>(bytes[i] & (0xff << (8 - kept)));
    }
    return bytes;
}

}  // namespace

TrustedProxies::TrustedProxies(const std::vector<std::string>& networks) {
    for (const auto& text : networks) {
        const auto slash = std::min(text.find('/'), text.size());
        const auto found = address_of(std::string_view{text}.substr(0, slash));
        if (!found) throw std::invalid_argument("'" + text + "' is no address");
        Network network{.bytes = bytes_of(*found), .bits = 8 * static_cast<int>(bytes_of(*found).size())};
        if (slash < text.size()) {
            const int most = network.bits;
            const auto* const last = text.data() + text.size();
            const auto [end, error] = std::from_chars(text.data() + slash + 1, last, network.bits);
            if (error != std::errc{} || end != last || network.bits < 0 || network.bits > most)
                throw std::invalid_argument("'" + text + "' is no network");
        }
        network.bytes = masked(std::move(network.bytes), network.bits);
        networks_.push_back(std::move(network));
    }
}

bool TrustedProxies::contains(const address& wanted) const {
    const auto bytes = bytes_of(wanted);
    return std::ranges::any_of(networks_, [&](const auto& network) {
        return network.bytes.size() == bytes.size() && masked(bytes, network.bits) == network.bytes;
    });
}

std::string client_network(std::string_view peer, std::optional<std::string_view> forwarded_for,
                           const TrustedProxies& trusted) {
    auto client = address_of(peer);
    auto rest = forwarded_for.value_or("");
    while (client && trusted.contains(*client) && !rest.empty()) {
        const auto comma = rest.rfind(',');
        const auto before = address_of(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
        rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(0, comma);
        if (!before) break;
        client = before;
    }
    if (!client) return {};
    const int bits = client->is_v4() ? 24 : 48;
    const auto bytes = masked(bytes_of(*client), bits);
    if (client->is_v4()) {
        boost::asio::ip::address_v4::bytes_type kept{};
        std::ranges::copy(bytes, kept.begin());
        return boost::asio::ip::make_address_v4(kept).to_string() + "/24";
    }
    boost::asio::ip::address_v6::bytes_type kept{};
    std::ranges::copy(bytes, kept.begin());
    return boost::asio::ip::make_address_v6(kept).to_string() + "/48";
}

}  // namespace sequitur::domain
