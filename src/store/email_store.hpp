// One email: what was tried, and its cancel.
#pragma once

#include "domain/ports/emails.hpp"
#include "pg/pool.hpp"

namespace sequitur::store {

class EmailStore final : public domain::Emails {
public:
    explicit EmailStore(pg::Pool& pool) : pool_(pool) {}

    std::optional<domain::EmailView> find(const EmailId& id) override;
    /// One transaction is enough here: the act concerns this row alone, and holds the lock that its permit needs.
    std::optional<Cancelled> cancel(const EmailId& id) override;

private:
    pg::Pool& pool_;
};

}  // namespace sequitur::store
