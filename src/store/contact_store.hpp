// Flow 2: people become enrolments. Their list, and the stop act on one of them.
#pragma once

#include "domain/ports/contacts.hpp"
#include "pg/pool.hpp"
#include "store/address_hash.hpp"
#include "store/due_signal.hpp"
#include "store/waiting_mails.hpp"

namespace sequitur::store {

class ContactStore final : public domain::Contacts {
public:
    /// `day` is the length of a day of waiting.
    ContactStore(pg::Pool& pool, const Clock& clock, const Secrets& secrets, Duration day, DueSignal due = DueSignal{})
        : pool_(pool), clock_(clock), hash_(secrets), day_(day), due_(std::move(due)), waiting_(clock) {}

    std::variant<domain::Enrolled, domain::NoSuchSequence, domain::SequenceNotActive>
    enrol(const SequenceId& sequence, const std::vector<domain::Candidate>& candidates, bool abort_on_skip) override;
    Page enrollments(std::optional<SequenceId> sequence, std::optional<EnrollmentId> after, int limit) override;
    std::optional<Stopped> stop_enrollment(const EnrollmentId& id) override;

private:
    pg::Pool& pool_;
    const Clock& clock_;  ///< for the time inside new ids
    AddressHash hash_;
    Duration day_;
    DueSignal due_;
    WaitingMails waiting_;
};

}  // namespace sequitur::store
