#include "domain/link_base.hpp"

#include <algorithm>

#include "domain/loopback.hpp"

namespace sequitur::domain {

namespace {

/// http.listen as somebody on this machine reaches it; empty where its port is any free one.
std::string local_base(std::string_view listen) {
    const auto colon = listen.rfind(':');
    if (colon == std::string_view::npos || listen.substr(colon) == ":0") return {};
    const auto host = listen.substr(0, colon);
    const auto reached = host == "0.0.0.0" ? "127.0.0.1" : host == "[::]" ? "[::1]" : host;
    return "http://" + std::string{reached} + std::string{listen.substr(colon)};
}

/// What can stand in an href without quotes too.
bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"-._~:/[]%"}.find(c) != std::string_view::npos;
}

}  // namespace

std::string link_base(const LinkSettings& settings, std::string_view tracking_host, std::string_view smtp_host) {
    if (!tracking_host.empty()) return "https://" + std::string{tracking_host};
    if (settings.public_url.empty()) return is_loopback_host(smtp_host) ? local_base(settings.listen) : std::string{};
    std::string_view base = settings.public_url;
    while (base.ends_with('/')) base.remove_suffix(1);
    return std::string{base};
}

std::string_view problem_of_public_url(std::string_view url) {
    const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
    if (scheme == 0) return "must begin with https:// (or http://)";
    if (!std::ranges::all_of(url, is_plain)) return "may have letters, digits and - . _ ~ : / [ ] % only";
    const auto host = url.substr(scheme, url.find('/', scheme) - scheme);
    if (host.empty() || host.front() == ':') return "names no host";
    return {};
}

}  // namespace sequitur::domain
