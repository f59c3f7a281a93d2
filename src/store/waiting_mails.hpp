// How many mails wait for each mailbox, as the choice of a mailbox needs it: nearly.
//
// Counting reads up to 1,000 index entries a mailbox, so a count is kept for two seconds; what this process gave out
// since is added. Other processes' mail, and what left, shows with the next count. Thread-safe.
#pragma once

#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/ids.hpp"
#include "pg/connection.hpp"

namespace sequitur::store {

class WaitingMails {
public:
    static constexpr Duration fresh = std::chrono::seconds{2};

    explicit WaitingMails(const Clock& clock) : clock_(clock) {}

    /// One number for each of `mailboxes`.
    std::vector<std::int64_t> of(pg::Connection& connection, const std::vector<MailboxId>& mailboxes);
    /// One more waits for each of these. If their transaction fails after all, the next count puts it right.
    void add(const std::vector<MailboxId>& mailboxes);

private:
    struct Count {
        std::int64_t mails = 0;
        SteadyTime counted_at;
    };
    using Counts = std::unordered_map<MailboxId, Count>;

    const Clock& clock_;
    Guarded<Counts> counts_;
};

}  // namespace sequitur::store
