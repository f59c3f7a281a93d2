// Flow 1 and the stop acts on a whole sequence.
#pragma once

#include "domain/ports/sequences.hpp"
#include "pg/pool.hpp"
#include "store/due_signal.hpp"

namespace sequitur::store {

class SequenceStore final : public domain::Sequences {
public:
    SequenceStore(pg::Pool& pool, const Clock& clock, DueSignal due = DueSignal{})
        : pool_(pool), clock_(clock), due_(std::move(due)) {}

    std::variant<SequenceId, domain::UnknownMailboxes> create(const domain::NewSequence& sequence) override;
    std::optional<domain::SequenceView> find(const SequenceId& id) override;
    std::vector<domain::SequenceView> list(std::optional<SequenceId> after, int limit) override;
    std::optional<std::variant<std::vector<MailboxId>, domain::UnknownMailboxes>>
    set_mailboxes(const SequenceId& id, const std::vector<MailboxId>& mailboxes) override;
    std::optional<domain::StopReceipt> pause(const SequenceId& id) override;
    std::optional<domain::ResumeReceipt> activate(const SequenceId& id) override;

private:
    pg::Pool& pool_;
    const Clock& clock_;  ///< for the time inside new ids
    DueSignal due_;
};

}  // namespace sequitur::store
