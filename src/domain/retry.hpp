// When a mail that failed is tried again: 1 h, 2 h, 4 h … at most 12 h, each ± 20 %.
//
// `retry_count` counts failures, the last one included; at `max_retries` there is no next time.
// Source: protocol §1; design document §6.
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace sequitur::domain {

struct RetryPolicy {
    Duration first_delay = std::chrono::hours{1};
    Duration delay_max = std::chrono::hours{12};
    double jitter = 0.2;  ///< share of the delay, to both sides
};

/// How long to wait after failure number `retry_count` (>= 1); nullopt once `retry_count >= max_retries`.
/// The jitter is drawn from the email's id and the count: the same question has the same answer.
std::optional<Duration> retry_delay(const EmailId& email, int retry_count, int max_retries, const RetryPolicy& policy);

/// How long a mailbox rests after its n-th failure in a row (n >= 1): 1, 2, 4 … 60 min ± 20 %.
Duration mailbox_back_off(const MailboxId& mailbox, int failures, Duration first, Duration longest);

}  // namespace sequitur::domain
