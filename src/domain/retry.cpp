#include "domain/retry.hpp"

#include <algorithm>
#include <cmath>

namespace sequitur::domain {

namespace {

Duration doubled(Duration first, int times, Duration longest) {
    auto delay = first;
    for (int i = 0; i < times && delay < longest; ++i) delay *= 2;
    return std::min(delay, longest);
}

/// In [1 - share, 1 + share), the same for the same id and count.
double jitter_factor(const Uuid& id, int count, double share) {
    std::uint64_t x = std::hash<Uuid>{}(id) + static_cast<std::uint64_t>(count) * 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    const double unit = static_cast<double>((x ^ (x >> 31)) >> 11) / 9007199254740992.0;
    return 1 - share + 2 * share * unit;
}

Duration scaled(Duration delay, double factor) {
    return Duration{std::llround(static_cast<double>(delay.count()) * factor)};
}

}  // namespace

std::optional<Duration> retry_delay(const EmailId& email, int retry_count, int max_retries, const RetryPolicy& policy) {
    if (retry_count >= max_retries) return std::nullopt;
    const auto delay = doubled(policy.first_delay, retry_count - 1, policy.delay_max);
    return scaled(delay, jitter_factor(email.uuid, retry_count, policy.jitter));
}

Duration mailbox_back_off(const MailboxId& mailbox, int failures, Duration first, Duration longest) {
    return scaled(doubled(first, failures - 1, longest), jitter_factor(mailbox.uuid, failures, 0.2));
}

}  // namespace sequitur::domain
