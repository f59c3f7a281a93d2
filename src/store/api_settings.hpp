// Settings of the connections that serve the API: none may keep a caller waiting for long. No plan is forced to be
// made anew each time (`plan_cache_mode`): that holds for the foreign keys' own look-ups too, and made an enrolment
// of 5,000 people three times as slow.
#pragma once

#include <string>
#include <vector>

namespace sequitur::store {

inline std::vector<std::string> api_settings() {
    return {"SET jit = off", "SET TimeZone = 'UTC'", "SET lock_timeout = '10s'", "SET statement_timeout = '30s'",
            "SET idle_in_transaction_session_timeout = '30s'"};
}

}  // namespace sequitur::store
