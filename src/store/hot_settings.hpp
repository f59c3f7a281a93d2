// Plan pins of the connections that run the hot statements.
//
// Their arrays must drive index look-ups, always. A plan chosen while a table was empty is a sequential scan or a
// hash of the whole table, and stays one while the table grows; so the planner is not asked.
#pragma once

#include <string>
#include <vector>

namespace sequitur::store {

inline std::vector<std::string> hot_settings() {
    return {"SET jit = off",
            "SET enable_seqscan = off",
            "SET enable_hashjoin = off",
            "SET enable_mergejoin = off",
            "SET enable_memoize = off",
            "SET plan_cache_mode = force_generic_plan",
            "SET TimeZone = 'UTC'",
            "SET lock_timeout = '10s'",
            "SET statement_timeout = '60s'",
            "SET idle_in_transaction_session_timeout = '30s'"};
}

}  // namespace sequitur::store
