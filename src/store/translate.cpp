#include "store/translate.hpp"

#include "domain/ports/store_error.hpp"

namespace sequitur::store {

namespace {

/// SQLSTATE classes (PostgreSQL manual, appendix A): 08 connection, 53 resources, 57 operator intervention,
/// 58 system error; 25006 = the server is a read-only standby now.
bool may_pass(const pg::Error& error) {
    const auto kind = error.sqlstate.substr(0, 2);
    return error.connection_lost || error.sqlstate.empty() || error.is_retryable() || error.sqlstate == "25006" ||
           kind == "08" || kind == "53" || kind == "57" || kind == "58";
}

}  // namespace

void throw_translated(const pg::Error& error) {
    if (may_pass(error)) throw domain::StoreUnavailable(error.what());
    throw domain::StoreRefused(error.what());
}

}  // namespace sequitur::store
