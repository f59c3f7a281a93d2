// Holds the database against a ledger of what really arrived: the invariants of protocol §8.
//
// All of it is set-based, on one snapshot, and changes nothing: 200,000 mails take seconds. While mail is running
// (`quiescent` false) what is under way is no fault, and the ledger counts up to the snapshot's moment only.
#pragma once

#include <istream>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "pg/connection.hpp"

namespace sequitur::store {

struct VerifyOptions {
    bool quiescent = true;
    Duration day = std::chrono::hours{24};  ///< length of a day of waiting
};

struct BrokenInvariant {
    std::string invariant;  ///< "I1" … "I11"
    std::string promise;    ///< what should hold
    std::int64_t count = 0;
    std::vector<std::string> examples;  ///< at most five
};

struct VerifyReport {
    std::vector<BrokenInvariant> broken;
    std::int64_t ledger_lines = 0;
    std::vector<std::pair<std::string, std::int64_t>> emails;  ///< state, how many
    bool holds() const { return broken.empty(); }
};

/// Throws LedgerError, pg::Error.
VerifyReport verify(pg::Connection& connection, std::istream& ledger, const VerifyOptions& options = {});

/// The temporary table that the verify_*.sql statements read; it ends with the transaction.
void create_ledger_table(pg::Connection& connection);

}  // namespace sequitur::store
