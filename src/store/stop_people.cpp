#include "store/stop_people.hpp"

#include "store/sql.hpp"
#include "store/stop_emails.hpp"

namespace sequitur::store {

People people_of(pg::Connection& connection, const std::vector<SuppressionId>& entries) {
    const auto result = connection.exec(sql::suppressions_people, pg::Params{entries});
    People people;
    for (int row = 0; row < result.rows(); ++row)
        people[result.get<std::string>(row, 1)].push_back(result.get<ContactId>(row, 0));
    return people;
}

void end_enrollments(pg::Connection& connection, const People& people) {
    for (const auto& [reason, contacts] : people) connection.exec(sql::stop_contacts, pg::Params{contacts, reason});
}

void stop_mail_of(pg::Connection& connection, const People& people, const std::vector<SuppressionId>& entries,
                  domain::StopReceipt& receipt) {
    for (const auto& [reason, contacts] : people) {
        const auto emails = connection.exec(sql::open_emails_of_contacts, pg::Params{contacts}).column<EmailId>(0);
        stop_emails(connection, emails, StopTarget::cancelled, reason, receipt);
    }
    if (!entries.empty()) connection.exec(sql::suppressions_settle, pg::Params{entries});
}

}  // namespace sequitur::store
