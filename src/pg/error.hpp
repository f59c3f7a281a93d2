// What the server refused, or that it can not be reached. Broken surroundings: an exception.
//
// After `connection_lost` nobody knows whether the last statement was committed: read again before
// repeating it. SQLSTATE codes: PostgreSQL manual, appendix A.
#pragma once

#include <stdexcept>
#include <string>

struct pg_conn;
struct pg_result;

namespace sequitur::pg {

struct Error : std::runtime_error {
    using std::runtime_error::runtime_error;

    std::string sqlstate;    ///< five characters; empty where the server said nothing
    std::string constraint;  ///< the name of the constraint that was violated
    std::string detail;
    bool connection_lost = false;

    /// The whole transaction may be repeated as it is: serialization failure, deadlock, lock timeout.
    bool is_retryable() const { return sqlstate == "40001" || sqlstate == "40P01" || sqlstate == "55P03"; }
};

/// `result` may be null: then the connection itself is the one that complains.
Error error_of(pg_conn* connection, const pg_result* result);

}  // namespace sequitur::pg
