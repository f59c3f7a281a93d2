// The outbox on PostgreSQL. The relay's transaction holds the records' locks from take() to
// mark_published(), so that several relays never take the same; a relay that dies lets them go.
#pragma once

#include <optional>

#include "domain/ports/email_queue.hpp"
#include "pg/connection.hpp"
#include "pg/transaction.hpp"

namespace sequitur::store {

/// For one thread.
class OutboxStore final : public domain::Outbox {
public:
    explicit OutboxStore(std::string database_url);

    std::vector<Record> take(int records_max) override;
    void mark_published() override;
    void release() override;

private:
    const std::string database_url_;
    std::optional<pg::Connection> connection_;
    std::optional<pg::Transaction> transaction_;
    std::vector<Uuid> taken_;
};

}  // namespace sequitur::store
