// The states of an email (a row of `email_queues`), spelled as the database spells them, and the
// legal moves between them. The trigger in 0001_core.sql refuses every other move too.
//
// Source: protocol §1, docs/decisions/0003-states-and-edges.md.
#pragma once

#include <string_view>

namespace sequitur::domain {

enum class EmailStatus {
    scheduled,          ///< waits for its time and for capacity
    queued,             ///< capacity is reserved, a record of email-jobs names it
    sending,            ///< a sender holds the lease
    sent,               ///< the server accepted it
    failed,             ///< refused for now; the retry rule decides
    permanent_failure,  ///< will never be sent
    held,               ///< waits for a person: paused, missing variable
    unknown,            ///< the dot left, its answer did not come
    assumed_sent,       ///< unknown for so long that the sequence goes on
    cancelled,          ///< stopped before it left; `reason` says why
};

constexpr bool may_become(EmailStatus from, EmailStatus to) {
    using enum EmailStatus;
    switch (from) {
        case scheduled: return to == queued || to == held || to == cancelled;
        case queued: return to == sending || to == scheduled || to == held || to == cancelled;
        case sending:
            return to == sent || to == failed || to == permanent_failure || to == unknown || to == scheduled ||
                   to == held || to == cancelled;
        case failed: return to == scheduled || to == permanent_failure || to == held || to == cancelled;
        case held: return to == scheduled || to == cancelled;
        case unknown: return to == sent || to == assumed_sent || to == failed || to == permanent_failure;
        case assumed_sent: return to == sent;
        case sent:
        case permanent_failure:
        case cancelled: return false;
    }
    return false;
}

/// A row in one of these has its place in the day's capacity.
constexpr bool is_charged(EmailStatus status) {
    using enum EmailStatus;
    return status == queued || status == sending || status == sent || status == unknown || status == assumed_sent;
}

std::string_view name(EmailStatus status);

}  // namespace sequitur::domain
