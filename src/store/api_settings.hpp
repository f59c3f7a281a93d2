// Settings of the connections that serve the API: its statements run seldom and on arrays of any size, so each is
// planned for what it is given, and none may keep a caller waiting for long.
#pragma once

#include <string>
#include <vector>

namespace sequitur::store {

inline std::vector<std::string> api_settings() {
    return {"SET jit = off",
            "SET plan_cache_mode = force_custom_plan",
            "SET TimeZone = 'UTC'",
            "SET lock_timeout = '10s'",
            "SET statement_timeout = '30s'",
            "SET idle_in_transaction_session_timeout = '30s'"};
}

}  // namespace sequitur::store
