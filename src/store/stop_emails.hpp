// The second transaction of every stop act: moves or flags the rows, and counts for the receipt.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "domain/ports/stop_acts.hpp"
#include "pg/connection.hpp"

namespace sequitur::store {

enum class StopTarget { held, cancelled, scheduled };

/// The first transaction must be committed. Works in chunks of 5,000 rows, a transaction each, in the
/// order given. Adds to `receipt`. Repeatable. With `since`, when the first transaction made its change, mail that a
/// claim held for this reason since then is counted too.
void stop_emails(pg::Connection& connection, const std::vector<EmailId>& emails, StopTarget target,
                 std::string_view reason, domain::StopReceipt& receipt, std::optional<TimePoint> since = std::nullopt);

/// What a pause held goes on, and flags of a pause are taken back; returns how many became `scheduled`.
std::int64_t resume_emails(pg::Connection& connection, const std::vector<EmailId>& emails);

}  // namespace sequitur::store
