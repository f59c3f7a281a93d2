#include "pg/transaction.hpp"

#include <libpq-fe.h>

namespace sequitur::pg {

Transaction::Transaction(Connection& connection) : connection_(connection) { connection_.script("BEGIN"); }

Transaction::~Transaction() {
    if (open_) connection_.roll_back();
}

void Transaction::commit() {
    const auto result = connection_.query("COMMIT");
    open_ = false;
    // The COMMIT of a failed transaction is not an error to the server: it says ROLLBACK.
    if (result.command() != "COMMIT") throw Error{"the transaction had failed before its commit"};
}

}  // namespace sequitur::pg
