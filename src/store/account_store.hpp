// The senders' view of the mailboxes: connection settings with the secrets unsealed, and the one secret that changes by
// itself.
#pragma once

#include "domain/ports/accounts.hpp"
#include "domain/ports/token_source.hpp"
#include "pg/pool.hpp"
#include "store/secrets.hpp"

namespace sequitur::store {

class AccountStore final : public domain::Accounts, public domain::RefreshTokens {
public:
    AccountStore(pg::Pool& pool, const Secrets& secrets) : pool_(pool), secrets_(secrets) {}

    std::vector<domain::SenderAccount> load(const std::vector<MailboxId>& mailboxes) override;
    void replace(const domain::SmtpAccount& account, const Secret& refresh_token) override;

private:
    pg::Pool& pool_;
    const Secrets& secrets_;
};

}  // namespace sequitur::store
