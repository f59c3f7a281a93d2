// The database at the start of a command: there, or waited for, and with the schema of this program.
#pragma once

#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "pg/connection.hpp"

namespace sequitur::app {

/// Connects; says so and tries again for `longest` while that does not succeed. Then, or when stop is
/// asked for, throws std::runtime_error with the server's words.
pg::Connection wait_for_database(const std::string& url, Duration longest, const std::stop_token& stop);

/// Throws std::runtime_error that names the remedy where the schema is older or newer than the program.
void require_schema(pg::Connection& connection);

}  // namespace sequitur::app
