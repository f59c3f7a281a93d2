#include "domain/link_target.hpp"

#include <algorithm>

#include "domain/ports/link_tokens.hpp"

namespace sequitur::domain {

namespace {

constexpr std::string_view blanks = " \t\n\r\f";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trimmed(std::string_view text) {
    const auto from = std::min(text.find_first_not_of(blanks), text.size());
    return text.substr(from, text.find_last_not_of(blanks) + 1 - from);
}

/// 0: no scheme of ours.
std::size_t scheme_bytes(std::string_view url) {
    for (const std::string_view scheme : {"https://", "http://"})
        if (url.size() >= scheme.size() && std::ranges::equal(url.substr(0, scheme.size()), scheme, {}, lower))
            return scheme.size();
    return 0;
}

/// Host and port, as written.
std::string_view authority_of(std::string_view url) {
    const auto from = scheme_bytes(url);
    return url.substr(from, std::min(url.find_first_of("/?#\\", from), url.size()) - from);
}

bool is_plain_authority(std::string_view authority) {
    return !authority.empty() && authority.front() != ':' && std::ranges::all_of(authority, [](char c) {
        return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view{"-._:[]"}.find(c) != std::string_view::npos;
    });
}

bool needs_encoding(unsigned char c) {
    return c <= ' ' || c >= 0x7f ||
           std::string_view{"\"<>\\^`{|}"}.find(static_cast<char>(c)) != std::string_view::npos;
}

std::string encoded(std::string_view url) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(url.size());
    for (const unsigned char c : url) {
        if (c == '\t' || c == '\n' || c == '\r') continue;  // as browsers do
        if (needs_encoding(c))
            out.append({'%', digits[c >> 4], digits[c & 15]});
        else
            out += static_cast<char>(c);
    }
    return out;
}

}  // namespace

std::optional<std::string> link_target(std::string_view href) {
    const auto url = trimmed(href);
    if (url.size() > 2 * link_url_bytes_max || scheme_bytes(url) == 0) return std::nullopt;
    if (!is_plain_authority(authority_of(url))) return std::nullopt;
    const auto rest = url.substr(scheme_bytes(url) + authority_of(url).size());
    if (rest.starts_with('\\') ||
        std::ranges::any_of(rest, [](unsigned char c) { return c < ' ' && c != '\t' && c != '\n' && c != '\r'; }))
        return std::nullopt;
    auto target = encoded(url);
    return target.size() <= link_url_bytes_max ? std::optional{std::move(target)} : std::nullopt;
}

bool is_link_target(std::string_view url) { return link_target(url) == url; }

std::string host_of(std::string_view url) {
    if (scheme_bytes(url) == 0) return {};
    auto authority = authority_of(url);
    authority.remove_prefix(std::min(authority.rfind('@') + 1, authority.size()));  // npos + 1 is 0
    const auto end = authority.starts_with('[') ? authority.find(']') + 1 : authority.find(':');
    std::string host{authority.substr(0, end)};
    std::ranges::transform(host, host.begin(), lower);
    return host;
}

}  // namespace sequitur::domain
