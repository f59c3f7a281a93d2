// A stop act (pause, stop, cancel, opt-out, bounce, delete) orders itself against the permit like this:
// (1) commit the new status, (2) in a second transaction flag or move the rows under their locks,
// (3) only then answer, with this receipt. A mail whose permit came first is named in it; no other can leave.
// Source: protocol §3, docs/decisions/0006-stop-acts.md.
#pragma once

#include <string>
#include <vector>

#include "base/ids.hpp"

namespace sequitur::domain {

struct StopReceipt {
    std::string status;                     ///< of the thing that was stopped, now
    std::int64_t held = 0;                  ///< emails that wait now
    std::int64_t cancelled = 0;             ///< emails that will never go
    std::int64_t rescheduled = 0;           ///< emails that gave their place back (a mailbox was paused)
    std::int64_t stopping = 0;              ///< being sent, without permit: they can not go any more
    std::vector<EmailId> already_leaving;   ///< had their permit first: they may arrive
};

struct ResumeReceipt {
    std::string status;
    std::int64_t scheduled = 0;  ///< emails that go on
};

}  // namespace sequitur::domain
