// The ring of link keys of this process: read at the start, and again in the background: once a minute, and soon
// after somebody came with a key that is not known here. Whoever signs or reads a token never waits for the database.
#pragma once

#include <stop_token>
#include <thread>

#include "base/doorbell.hpp"
#include "mail/link_tokens.hpp"
#include "pg/pool.hpp"
#include "store/secrets.hpp"

namespace sequitur::app {

class LinkRing {
public:
    /// Borrows all of them. Throws SecretsError, pg::Error.
    LinkRing(pg::Pool& pool, const store::Secrets& secrets, const Clock& clock);

    const domain::LinkTokens& tokens() const { return tokens_; }

private:
    void refresh(const std::stop_token& stop);

    pg::Pool& pool_;
    const store::Secrets& secrets_;
    Doorbell unknown_key_;
    mail::SignedLinkTokens tokens_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace sequitur::app
