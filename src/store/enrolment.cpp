#include "store/enrolment.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "domain/mailbox_choice.hpp"
#include "store/sql.hpp"

namespace sequitur::store {

namespace {

using Texts = std::vector<std::optional<std::string>>;

/// What was posted about each candidate, as arrays.
struct ContactColumns {
    std::vector<std::string> emails, given, attributes;
    Texts first_names, last_names, companies, phones, zones;
    std::vector<bool> untracked;
};

ContactColumns columns_of(const std::vector<domain::Candidate>& candidates) {
    ContactColumns columns;
    for (const auto& [index, email, contact] : candidates) {
        columns.emails.push_back(email);
        columns.given.push_back(contact->email);
        columns.first_names.push_back(contact->first_name);
        columns.last_names.push_back(contact->last_name);
        columns.companies.push_back(contact->company);
        columns.phones.push_back(contact->phone);
        columns.zones.push_back(contact->timezone);
        columns.attributes.push_back(contact->attributes.empty() ? "{}" : contact->attributes);
        columns.untracked.push_back(contact->do_not_track);
    }
    return columns;
}

/// In order, so that each index grows at its end.
template <class AnyId> std::vector<AnyId> growing_ids(std::size_t count, TimePoint now) {
    std::vector<AnyId> ids;
    ids.reserve(count);
    while (ids.size() < count) ids.push_back(AnyId::make(now));
    std::ranges::sort(ids);
    return ids;
}

domain::Skipped skipped_for(const domain::Candidate& candidate, std::string code) {
    std::string detail = "is suppressed: the address or its domain must not be mailed";
    if (code == "already_enrolled") detail = "is in this sequence already";
    if (code == "unsubscribed") detail = "said no to further mail";
    return {candidate.index, candidate.email, std::move(code), std::move(detail)};
}

/// Eight people of one mailbox follow each other. A producer takes and a sender claims many mails of one mailbox, whose
/// rows then lie together; permits and outcomes come for one mail of each of many mailboxes, whose rows still do.
std::vector<std::optional<MailboxId>> in_short_runs(const std::vector<MailboxId>& chosen) {
    constexpr std::size_t run = 8;
    std::unordered_map<MailboxId, std::size_t> taken;
    std::vector<std::pair<std::size_t, MailboxId>> places;
    for (const auto& id : chosen) places.emplace_back(taken[id]++ / run, id);
    std::ranges::sort(places);
    std::vector<std::optional<MailboxId>> mailboxes;
    for (const auto& [round, id] : places) mailboxes.emplace_back(id);
    return mailboxes;
}

std::vector<std::optional<MailboxId>> mailboxes_for(pg::Connection& connection, WaitingMails& waiting,
                                                    const SequenceId& sequence, std::size_t people) {
    const auto result = connection.exec(sql::mailbox_loads, pg::Params{sequence});
    const auto counts = waiting.of(connection, result.column<MailboxId>(0));
    std::vector<domain::MailboxLoad> loads;
    for (int i = 0; i < result.rows(); ++i)
        loads.push_back({result.get<MailboxId>(i, 0),
                         result.get<std::int64_t>(i, 1) + counts[static_cast<std::size_t>(i)], result.get<int>(i, 2)});
    const auto chosen = domain::choose_mailboxes(loads, people);
    if (chosen.empty()) return std::vector<std::optional<MailboxId>>(people);
    waiting.add(chosen);
    return in_short_runs(chosen);
}

}  // namespace

std::optional<OpenSequence> lock_sequence(pg::Connection& connection, const SequenceId& sequence) {
    const auto result = connection.exec(sql::enrol_sequence, pg::Params{sequence});
    if (result.empty()) return std::nullopt;
    OpenSequence open;
    open.status = result.get<std::string>(0, 0);
    open.step = result.get<std::optional<StepId>>(0, 1);
    if (!open.step) return open;
    open.version = result.get<StepVersionId>(0, 2);
    open.step_order = result.get<int>(0, 3);
    open.wait_days = result.get<int>(0, 4);
    return open;
}

std::vector<domain::Candidate> in_lock_order(std::vector<domain::Candidate> candidates) {
    std::ranges::sort(candidates, {}, &domain::Candidate::email);
    return candidates;
}

std::optional<std::vector<Known>> insert_contacts(pg::Connection& connection,
                                                  const std::vector<domain::Candidate>& candidates,
                                                  const std::vector<std::string>& hashes, TimePoint now) {
    const auto c = columns_of(candidates);
    const auto ids = growing_ids<ContactId>(candidates.size(), now);
    const auto result = connection.exec(sql::contacts_insert,
                                        pg::Params{ids, c.emails, c.given, c.first_names, c.last_names, c.companies,
                                                   c.phones, c.zones, c.attributes, c.untracked, hashes});
    if (result.affected() != static_cast<std::int64_t>(candidates.size())) return std::nullopt;
    std::vector<Known> people;
    for (std::size_t i = 0; i < candidates.size(); ++i) people.push_back({ids[i], candidates[i]});
    return people;
}

void fill_in_contacts(pg::Connection& connection, const std::vector<domain::Candidate>& candidates) {
    const auto c = columns_of(candidates);
    connection.exec(sql::contacts_fill_in, pg::Params{c.emails, c.first_names, c.last_names, c.companies, c.phones,
                                                      c.zones, c.attributes, c.untracked});
}

std::vector<Known> classify(pg::Connection& connection, const SequenceId& sequence,
                            const std::vector<domain::Candidate>& candidates, const std::vector<std::string>& hashes,
                            std::vector<domain::Skipped>& skipped) {
    std::vector<std::string> emails;
    for (const auto& candidate : candidates) emails.push_back(candidate.email);
    const auto result = connection.exec(sql::enrol_classify, pg::Params{sequence, emails, hashes});
    std::vector<Known> people;
    for (int i = 0; i < result.rows(); ++i) {
        const auto& candidate = candidates[static_cast<std::size_t>(i)];
        auto objection = result.get<std::optional<std::string>>(i, 1);
        if (objection)
            skipped.push_back(skipped_for(candidate, *std::move(objection)));
        else
            people.push_back({result.get<ContactId>(i, 0), candidate});
    }
    return people;
}

Added enrol_known(pg::Connection& connection, WaitingMails& waiting, const FirstMail& mail,
                  const std::vector<Known>& people, std::vector<domain::Skipped>& skipped, TimePoint now) {
    if (people.empty()) return {};
    const auto mailboxes = mailboxes_for(connection, waiting, mail.sequence, people.size());
    const auto enrollments = growing_ids<EnrollmentId>(people.size(), now);
    const auto emails = growing_ids<EmailId>(people.size(), now);
    std::vector<ContactId> contacts;
    for (const auto& person : people) contacts.push_back(person.contact);
    const auto result =
        connection.exec(sql::enrol_contacts, pg::Params{mail.sequence, mail.step, mail.version, mail.step_order,
                                                        mail.wait, enrollments, contacts, mailboxes, emails});
    const auto enrolled = result.column<ContactId>(0);
    const std::unordered_set<ContactId> added{enrolled.begin(), enrolled.end()};
    for (const auto& person : people)
        if (!added.contains(person.contact)) skipped.push_back(skipped_for(person.candidate, "already_enrolled"));
    return {static_cast<std::int64_t>(added.size()), mailboxes.front().has_value()};
}

}  // namespace sequitur::store
