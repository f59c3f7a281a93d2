// The ring of link keys of this process: read at the start, and again in the background: once a minute, and soon
// after somebody came with a key that is not known here. Whoever signs or reads a token never waits for the database.
#pragma once

#include <stop_token>
#include <thread>

#include "base/doorbell.hpp"
#include "mail/link_tokens.hpp"
#include "pg/pool.hpp"
#include "store/link_key_store.hpp"

namespace sequitur::app {

class LinkRing {
public:
    /// Borrows all of them. Throws SecretsError, pg::Error.
    LinkRing(pg::Pool& pool, const store::Secrets& secrets, const Clock& clock)
        : LinkRing(pool, secrets, clock, store::load_link_keys(*pool.lease(), secrets)) {}

    const domain::LinkTokens& tokens() const { return tokens_; }
    /// Of this database's ring, whatever is rotated; tells nothing about a key.
    const std::string& name() const { return name_; }

private:
    LinkRing(pg::Pool& pool, const store::Secrets& secrets, const Clock& clock, const domain::LinkKeys& keys);
    void refresh(const std::stop_token& stop);

    pg::Pool& pool_;
    const store::Secrets& secrets_;
    const std::string name_;
    Doorbell unknown_key_;
    mail::SignedLinkTokens tokens_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace sequitur::app
