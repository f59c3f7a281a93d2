// The tokens of tracking and opt-out links: signed, bound to one purpose, readable without a database.
//
// `o` and `u` name the email; `c` also carries the link's index and its target, so that a click is answered from the
// token alone. The purpose is inside the signature: no token works at another's path.
// Source: protocol §7, mail.md §6.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"

namespace sequitur::domain {

/// A longer target is left alone in the mail.
constexpr std::size_t link_url_bytes_max = 2'000;

enum class LinkPurpose : char { open = 'o', click = 'c', unsubscribe = 'u' };

struct LinkToken {
    LinkPurpose purpose = LinkPurpose::open;
    EmailId email;
    int index = 0;    ///< of the link in its step, from 0; 0 for `o` and `u`
    std::string url;  ///< the target, only with `click`

    bool operator==(const LinkToken&) const = default;
};

/// Thread-safe.
class LinkTokens {
public:
    virtual ~LinkTokens() = default;
    /// Base64url without padding, signed with the newest key.
    virtual std::string sign(const LinkToken& token) const = 0;
    /// nullopt: not one of ours, changed, or of another purpose. Constant time in the signature.
    virtual std::optional<LinkToken> read(LinkPurpose purpose, std::string_view token) const = 0;
};

}  // namespace sequitur::domain
