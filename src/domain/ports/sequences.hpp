// Sequences as the API sees them. Every method is one transaction, except the stop acts (see there).
// Thread-safe. Throws StoreUnavailable, StoreRefused.
#pragma once

#include <variant>

#include "domain/ports/stop_acts.hpp"
#include "domain/sequence.hpp"

namespace sequitur::domain {

struct StepView {
    StepId id;
    int step_order = 0;
    std::string subject;
    std::string content;
    int wait_days = 0;
    int refused_count = 0;  ///< mails of it that were refused by policy or as spam
};

struct SequenceView {
    SequenceId id;
    std::string name;
    SequenceStatus status{};
    bool open_tracking_enabled = true;
    bool click_tracking_enabled = true;
    TimePoint created_at;
    TimePoint updated_at;
    std::vector<StepView> steps;
    std::vector<MailboxId> mailbox_ids;
    std::vector<std::pair<std::string, std::int64_t>> enrollments;  ///< (status, how many)
    std::vector<std::pair<std::string, std::int64_t>> emails;       ///< (status, how many)
};

/// Mailboxes that do not exist (or are deleted); nothing was written.
struct UnknownMailboxes {
    std::vector<MailboxId> ids;
};

class Sequences {
public:
    virtual ~Sequences() = default;

    /// `sequence` has no problems. Flow 1: sequence, steps and their first versions, in one transaction.
    virtual std::variant<SequenceId, UnknownMailboxes> create(const NewSequence& sequence) = 0;
    virtual std::optional<SequenceView> find(const SequenceId& id) = 0;
    /// Newest first; `after` = the last id of the page before.
    virtual std::vector<SequenceView> list(std::optional<SequenceId> after, int limit) = 0;
    /// Replaces the attached mailboxes; nullopt = no such sequence. Enrolments keep the mailbox they have.
    virtual std::optional<std::variant<std::vector<MailboxId>, UnknownMailboxes>>
    set_mailboxes(const SequenceId& id, const std::vector<MailboxId>& mailboxes) = 0;

    /// Stop act; repeatable. nullopt = no such sequence.
    virtual std::optional<StopReceipt> pause(const SequenceId& id) = 0;
    /// Undoes a pause: held(paused) mail becomes `scheduled`; also draft → active. Repeatable.
    virtual std::optional<ResumeReceipt> activate(const SequenceId& id) = 0;
};

}  // namespace sequitur::domain
