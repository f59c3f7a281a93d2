// What the link in a mail does: status first, rows in a second transaction, then the answer.
#pragma once

#include "domain/ports/opt_outs.hpp"
#include "pg/pool.hpp"

namespace sequitur::store {

class OptOutStore final : public domain::OptOuts {
public:
    explicit OptOutStore(pg::Pool& pool) : pool_(pool) {}

    std::optional<domain::OptOutState> look(const EmailId& email) override;
    std::optional<domain::OptOutDone> opt_out(const EmailId& email, const std::string& via) override;
    std::optional<domain::OptOutState> undo(const EmailId& email) override;

private:
    pg::Pool& pool_;
};

}  // namespace sequitur::store
