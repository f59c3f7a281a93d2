// Which mailbox a person's mails leave from: chosen once, at the enrolment, and kept.
//
// Each person goes to the mailbox that would be the least loaded with them, relative to its daily capacity; so
// a list spreads over the mailboxes in proportion to what each may send, and unequal backlogs level out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/ids.hpp"

namespace sequitur::domain {

struct MailboxLoad {
    MailboxId id;
    std::int64_t load = 0;  ///< mails that wait for it or have its place today
    int daily_capacity = 0;
};

/// A mailbox for each of `people`, in order. Pure; between equals the first one given wins. A mailbox without
/// capacity is only taken where no other has any. Empty if there are no mailboxes.
std::vector<MailboxId> choose_mailboxes(const std::vector<MailboxLoad>& mailboxes, std::size_t people);

}  // namespace sequitur::domain
