#include "domain/opt_out_link.hpp"

#include "domain/loopback.hpp"

namespace sequitur::domain {

std::string opt_out_url(std::string_view base, const LinkTokens& tokens, const EmailId& email) {
    if (base.empty()) return {};
    constexpr std::size_t token_bytes = 64;
    std::string url;
    url.reserve(base.size() + token_bytes);
    url.append(base).append("/u/");
    return url += tokens.sign({.purpose = LinkPurpose::unsubscribe, .email = email, .index = 0, .url = {}});
}

bool may_be_one_click(std::string_view url) {
    constexpr std::string_view plain = "http://";
    if (url.starts_with("https://")) return true;
    if (!url.starts_with(plain)) return false;
    const auto authority = url.substr(plain.size(), url.find('/', plain.size()) - plain.size());
    return is_loopback_host(authority.starts_with('[') ? authority.substr(1, authority.find(']') - 1)
                                                       : authority.substr(0, authority.find(':')));
}

}  // namespace sequitur::domain
