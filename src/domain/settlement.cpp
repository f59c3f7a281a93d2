#include "domain/settlement.hpp"

namespace sequitur::domain {

Settlement settle(const Verdict& verdict, const EmailId& email, int retry_count, int max_retries,
                  const RetryPolicy& policy) {
    switch (verdict.blame) {
        case Blame::none: return {EmailStatus::sent, "sent", {}, {}};
        case Blame::recipient_temporary: {
            const auto delay = retry_delay(email, retry_count + 1, max_retries, policy);
            return {EmailStatus::failed, delay ? "deferred" : "failed", verdict.reason, delay};
        }
        case Blame::recipient_hard: return {EmailStatus::permanent_failure, "bounced", "bounced", {}};
        case Blame::blocked: return {EmailStatus::permanent_failure, "failed", "blocked", {}};
        case Blame::content: return {EmailStatus::permanent_failure, "failed", "content", {}};
        case Blame::mailbox: return {EmailStatus::scheduled, "deferred", {}, {}};
        case Blame::unknown: return {EmailStatus::unknown, "unknown", "no_answer", {}};
        case Blame::abandoned: return {EmailStatus::scheduled, "", {}, {}};
    }
    return {};
}

}  // namespace sequitur::domain
