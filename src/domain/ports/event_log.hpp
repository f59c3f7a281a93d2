// What happened to an email and came from elsewhere: opens, clicks, replies, reports. The ends of attempts are
// written by their outcome and do not pass here. Thread-safe. Throws StoreUnavailable, StoreRefused.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "domain/messages.hpp"
#include "domain/ports/email_queue.hpp"

namespace sequitur::domain {

struct EventsRecorded {
    int added = 0;
    std::vector<EmailId> missing;  ///< ids that name no email
};

class EventLog {
public:
    virtual ~EventLog() = default;

    /// One transaction with the inbox of `group`. Each event id is recorded once, whatever is repeated; an
    /// event of an unknown email is not. Events with `recorded` set are skipped. Clicks that several events together
    /// show to be a machine's are labelled so.
    virtual EventsRecorded record(std::span<const EmailEvent> events, std::string_view group,
                                  const std::vector<InboxEntry>& inbox) = 0;
};

}  // namespace sequitur::domain
