// Several statements that count together. Every way out of the scope but commit() rolls back.
#pragma once

#include "pg/connection.hpp"

namespace sequitur::pg {

class Transaction {
public:
    explicit Transaction(Connection& connection);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();

    Connection& connection() { return connection_; }
    /// Throws Error; with `connection_lost` nobody knows whether it was committed.
    void commit();

private:
    Connection& connection_;
    bool open_ = true;
};

}  // namespace sequitur::pg
