// Stop acts that are about people: an opt-out, a suppression, a dead address, a deletion. They reach every sequence.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "domain/ports/stop_acts.hpp"
#include "pg/connection.hpp"

namespace sequitur::store {

/// People by the reason with which their enrolments and mails end.
using People = std::map<std::string, std::vector<ContactId>, std::less<>>;

/// Whom these entries of `suppressions` keep out.
People people_of(pg::Connection& connection, const std::vector<SuppressionId>& entries);

/// Part of the first transaction.
void end_enrollments(pg::Connection& connection, const People& people);

/// The second transaction, after the first is committed: all open mail of these people, and then their entries are
/// settled. Repeatable.
void stop_mail_of(pg::Connection& connection, const People& people, const std::vector<SuppressionId>& entries,
                  domain::StopReceipt& receipt);

}  // namespace sequitur::store
