// The surroundings at the start of a command: there, or waited for, and with the schema of this program.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "pg/connection.hpp"

namespace sequitur::app {

/// Calls `work` until it does not throw pg::Error or BusError any more; says what it waits for. After
/// `longest`, or when stop is asked for, throws std::runtime_error with the last error's words.
/// An answer that waiting can not change (a wrong password, say) is waited for too: it may be mended meanwhile.
void retry_until_there(Duration longest, const std::stop_token& stop, const std::function<void()>& work);

/// A connection, waited for.
pg::Connection wait_for_database(const std::string& url, Duration longest, const std::stop_token& stop);

/// Throws std::runtime_error that names the remedy where the schema is older or newer than the program.
void require_schema(pg::Connection& connection);

}  // namespace sequitur::app
