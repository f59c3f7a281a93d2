// Enrolling people and looking at what became of them. Thread-safe. Throws StoreUnavailable, StoreRefused.
#pragma once

#include <variant>

#include "domain/enrollment.hpp"
#include "domain/ports/stop_acts.hpp"

namespace sequitur::domain {

struct Enrolled {
    std::int64_t contacts_added = 0;
    std::vector<Skipped> skipped;  ///< what the database knows: already_enrolled, suppressed, unsubscribed
    bool due_now = false;          ///< at least one first mail is due at once
};
struct NoSuchSequence {};
struct SequenceNotActive {
    std::string status;
};

struct EnrollmentView {
    EnrollmentId id;
    std::string email;
    std::string status;
    std::optional<std::string> reason;
    std::optional<std::string> waiting_on;  ///< wait_days, retry_backoff, sequence_paused, missing_variable, …
    int current_step = 0;
    std::optional<MailboxId> mailbox_id;
    std::optional<TimePoint> next_send_at;
    struct Email {
        EmailId id;
        int step_order = 0;
        std::string status;
    };
    std::vector<Email> emails;
};

class Contacts {
public:
    virtual ~Contacts() = default;

    /// Flow 2: set-based, one transaction. Known people keep their row (empty fields are filled in);
    /// the first mail is scheduled now + the first step's wait (days of length `day`), from a mailbox
    /// attached to the sequence, else any active one, the least loaded first. With `abort_on_skip`,
    /// nothing is written if anybody would be left out.
    virtual std::variant<Enrolled, NoSuchSequence, SequenceNotActive>
    enrol(const SequenceId& sequence, const std::vector<Candidate>& candidates, bool abort_on_skip) = 0;

    struct Page {
        std::vector<EnrollmentView> items;
        std::optional<EnrollmentId> next_cursor;
    };
    virtual Page enrollments(std::optional<SequenceId> sequence, std::optional<EnrollmentId> after, int limit) = 0;

    /// Stop act; repeatable. nullopt = no such enrolment; `already_over` = it had ended before, nothing changed.
    struct Stopped {
        StopReceipt receipt;
        bool already_over = false;
    };
    virtual std::optional<Stopped> stop_enrollment(const EnrollmentId& id) = 0;
};

}  // namespace sequitur::domain
