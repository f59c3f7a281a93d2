// How long a mailbox rests after a failure of its own, and when it waits for a person instead.
//
// Pure. A back-off is 1, 2, 4 … 60 min ± 20 %. A limit of the provider holds the mailbox for an hour, again and again:
// nothing of ours ends it. A refused login is tried once more after an hour, then a person must act: providers lock
// accounts that are tried again and again. What a server says of itself (no route, no greeting) rests all mailboxes of
// it, but only once several of them have met it: one lost packet is no outage.
// Source: the issue of the failure rules, docs/decisions/0040-what-a-mailbox-does.md.
#pragma once

#include <algorithm>
#include <optional>

#include "domain/delivery.hpp"
#include "domain/retry.hpp"

namespace sequitur::domain {

struct RestPolicy {
    Duration first = std::chrono::minutes{1};
    Duration longest = std::chrono::minutes{60};
    Duration quota = std::chrono::hours{1};
    Duration login_probe = std::chrono::hours{1};
};

struct MailboxRest {
    Duration rest{};
    bool needs_a_person = false;          ///< `error` until somebody resumes it
    std::optional<Duration> probe_after{};  ///< with `needs_a_person`: it tries by itself once, so much later
    bool is_of_host = false;              ///< the failure is its server's: see host_rests()

    bool operator==(const MailboxRest&) const = default;
};

/// `failures` in a row, this one included. nullopt: the mailbox goes on.
std::optional<MailboxRest> rest_after(MailboxAct act, const MailboxId& mailbox, int failures, const RestPolicy& policy);

/// From so many failures in a row on, MailboxAct::host_thrice waits for a person.
constexpr int failures_before_person = 3;

/// A server rests as a whole once so many of its mailboxes rest because of it: all where there are fewer than three,
/// three, and from eighty mailboxes on one in twenty. mailbox_trouble.sql has it again.
constexpr int host_rests_few = 3;
constexpr int host_rests_share = 20;
constexpr int host_rests_from(int mailboxes) {
    return std::min(mailboxes, std::max(host_rests_few, mailboxes / host_rests_share));
}

/// So many policy refusals among the last so many finished mails pause a mailbox.
constexpr int refusals_max = 3;
constexpr int refusals_window = 20;

/// What a person can do about a mailbox with this `state_reason`; empty: nothing to do, or a reason of their own.
std::string_view remedy_for(std::string_view state_reason);

}  // namespace sequitur::domain
