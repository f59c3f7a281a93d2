// One email as the API shows it: its row and what was tried. Thread-safe. Throws StoreUnavailable, StoreRefused.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "domain/ports/stop_acts.hpp"

namespace sequitur::domain {

struct EmailView {
    EmailId id;
    EnrollmentId sequence_contact_id;
    SequenceId sequence_id;
    std::optional<MailboxId> mailbox_id;
    StepId step_id;
    int step_order = 0;
    std::string contact_email;
    std::string status;
    std::optional<std::string> reason;
    std::optional<std::string> phase;
    bool cancel_requested = false;
    int retry_count = 0;
    int max_retries = 0;
    TimePoint scheduled_for;
    std::optional<TimePoint> queued_at;
    std::optional<TimePoint> last_attempt_at;
    std::optional<TimePoint> dot_at;
    std::optional<TimePoint> sent_at;
    std::optional<std::string> subject;
    std::optional<std::string> message_id;  ///< once it was tried
    std::optional<std::string> error_message;
    struct Event {
        std::string id;
        std::string type;
        TimePoint created_at;
        std::string data;  ///< a JSON object
    };
    std::vector<Event> events;  ///< oldest first
};

class Emails {
public:
    virtual ~Emails() = default;
    virtual std::optional<EmailView> find(const EmailId& id) = 0;

    /// Stop act for this one mail. A mail that can not go any more ends its enrolment as `stopped(manual)`, since
    /// nothing would follow it; one that has its permit leaves the enrolment as it is. Repeatable.
    struct Cancelled {
        StopReceipt receipt;
        bool too_late = false;  ///< it is sent, or ended otherwise: nothing changed
    };
    virtual std::optional<Cancelled> cancel(const EmailId& id) = 0;
};

}  // namespace sequitur::domain
