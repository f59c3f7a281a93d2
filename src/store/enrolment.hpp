// The transaction of flow 2, statement by statement: all of it set-based, five round trips for 1 or 10,000 people.
//
// Every statement goes through the people in the order of their addresses. So requests that name the same people
// wait for each other and never in a circle, and each person is enrolled once.
#pragma once

#include <optional>
#include <vector>

#include "domain/ports/contacts.hpp"
#include "pg/connection.hpp"
#include "store/waiting_mails.hpp"

namespace sequitur::store {

/// What the sequence row says, locked for the transaction.
struct OpenSequence {
    std::string status;
    std::optional<StepId> step;  ///< the first live one
    StepVersionId version;
    int step_order = 0;
    int wait_days = 0;
};
std::optional<OpenSequence> lock_sequence(pg::Connection& connection, const SequenceId& sequence);

/// In the order of their addresses.
std::vector<domain::Candidate> in_lock_order(std::vector<domain::Candidate> candidates);

/// A candidate who has a row now.
struct Known {
    ContactId contact;
    domain::Candidate candidate;
};
/// Inserts who is new; `hashes` are of their addresses, for who was erased. If that is everyone, nobody is in a
/// sequence yet and nothing stands against anybody: they are returned, and the two look-ups below are not needed.
std::optional<std::vector<Known>> insert_contacts(pg::Connection& connection,
                                                  const std::vector<domain::Candidate>& candidates,
                                                  const std::vector<std::string>& hashes, TimePoint now);
/// Fills in what is empty in who is known.
void fill_in_contacts(pg::Connection& connection, const std::vector<domain::Candidate>& candidates);
/// Who can be enrolled; the others go into `skipped`.
std::vector<Known> classify(pg::Connection& connection, const SequenceId& sequence,
                            const std::vector<domain::Candidate>& candidates, const std::vector<std::string>& hashes,
                            std::vector<domain::Skipped>& skipped);

struct FirstMail {
    SequenceId sequence;
    StepId step;
    StepVersionId version;
    int step_order = 0;
    Duration wait{};
};
struct Added {
    std::int64_t count = 0;
    bool have_mailbox = false;
};
/// Who was enrolled by another request meanwhile goes into `skipped`.
Added enrol_known(pg::Connection& connection, WaitingMails& waiting, const FirstMail& mail,
                  const std::vector<Known>& people, std::vector<domain::Skipped>& skipped, TimePoint now);

}  // namespace sequitur::store
