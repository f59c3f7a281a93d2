// The senders' view of the mailboxes: connection settings with the password unsealed.
#pragma once

#include "domain/ports/accounts.hpp"
#include "pg/pool.hpp"
#include "store/secrets.hpp"

namespace sequitur::store {

class AccountStore final : public domain::Accounts {
public:
    AccountStore(pg::Pool& pool, const Secrets& secrets) : pool_(pool), secrets_(secrets) {}

    std::vector<domain::SenderAccount> load(const std::vector<MailboxId>& mailboxes) override;

private:
    pg::Pool& pool_;
    const Secrets& secrets_;
};

}  // namespace sequitur::store
