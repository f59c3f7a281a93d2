// Tokens as HMAC-SHA256 makes them, with a ring of keys.
//
//   base64url( 1 ‖ key id ‖ purpose ‖ email id (16) ‖ index (2, big-endian) ‖ target ‖ first 16 bytes of the HMAC )
//
// The HMAC (RFC 2104) covers all before it. Only a click has a target; the others are 37 bytes, 50 characters.
// Reading asks nobody. A token that names a key we do not know is refused; whoever keeps the ring is told, and may
// have it a moment later. Source: protocol §7, mail.md §6.
#pragma once

#include <functional>
#include <memory>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "domain/link_key.hpp"
#include "domain/ports/link_tokens.hpp"

namespace sequitur::mail {

class SignedLinkTokens final : public domain::LinkTokens {
public:
    /// At least one key, in any order. `unknown_key` is called by a reader's thread and must not wait.
    SignedLinkTokens(const Clock& clock, domain::LinkKeys keys, std::function<void()> unknown_key = [] {});

    /// Replaces the ring. Thread-safe.
    void set_keys(domain::LinkKeys keys);

    /// A target above domain::link_url_bytes_max, one that is not a click's, or an index above 65535: a bug of ours.
    std::string sign(const domain::LinkToken& token) const override;
    std::optional<domain::LinkToken> read(domain::LinkPurpose purpose, std::string_view token) const override;

private:
    using Ring = std::shared_ptr<const domain::LinkKeys>;

    const Clock& clock_;
    std::function<void()> unknown_key_;
    Guarded<Ring> ring_;
};

}  // namespace sequitur::mail
