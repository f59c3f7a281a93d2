#include "store/contact_store.hpp"

#include <algorithm>
#include <cassert>

#include "base/fault.hpp"
#include "pg/pipeline.hpp"
#include "pg/transaction.hpp"
#include "pg/with_retry.hpp"
#include "store/enrolment.hpp"
#include "store/sql.hpp"
#include "store/stop_emails.hpp"
#include "store/translate.hpp"

namespace sequitur::store {

namespace {

constexpr int deadlock_tries_max = 5;

using Enrolment = std::variant<domain::Enrolled, domain::NoSuchSequence, domain::SequenceNotActive>;

struct EnrolRequest {
    SequenceId sequence;
    std::vector<domain::Candidate> candidates;  ///< in lock order
    std::vector<std::string> hashes;            ///< of their addresses
    bool abort_on_skip = false;
    Duration day{};
    TimePoint now;
};

Enrolment enrol_once(pg::Connection& connection, WaitingMails& waiting, const EnrolRequest& request) {
    pg::Transaction transaction{connection};
    const auto open = lock_sequence(connection, request.sequence);
    if (!open) return domain::NoSuchSequence{};
    if (open->status != "active") return domain::SequenceNotActive{open->status};
    assert(open->step);  // a sequence is created with at least one step

    domain::Enrolled enrolled;
    auto people = insert_contacts(connection, request.candidates, request.hashes, request.now);
    if (!people) {
        fill_in_contacts(connection, request.candidates);
        people = classify(connection, request.sequence, request.candidates, request.hashes, enrolled.skipped);
    }
    if (request.abort_on_skip && !enrolled.skipped.empty()) return enrolled;
    const FirstMail mail{request.sequence, *open->step, open->version, open->step_order, open->wait_days * request.day};
    const auto added = enrol_known(connection, waiting, mail, *people, enrolled.skipped, request.now);
    if (request.abort_on_skip && !enrolled.skipped.empty()) {
        enrolled.contacts_added = 0;
        return enrolled;
    }
    enrolled.contacts_added = added.count;
    enrolled.due_now = added.count > 0 && added.have_mailbox && open->wait_days == 0;
    transaction.commit();
    return enrolled;
}

domain::EnrollmentView view_of(pg::Row row) {
    domain::EnrollmentView view;
    view.id = row.next<EnrollmentId>();
    view.email = row.next<std::string>();
    view.status = row.next<std::string>();
    view.reason = row.next<std::optional<std::string>>();
    view.waiting_on = row.next<std::optional<std::string>>();
    view.current_step = row.next<int>();
    view.mailbox_id = row.next<std::optional<MailboxId>>();
    view.next_send_at = row.next<std::optional<TimePoint>>();
    const auto ids = row.next<std::vector<EmailId>>();
    const auto orders = row.next<std::vector<std::int32_t>>();
    const auto statuses = row.next<std::vector<std::string>>();
    for (std::size_t i = 0; i < ids.size(); ++i) view.emails.push_back({ids[i], orders[i], statuses[i]});
    return view;
}

}  // namespace

Enrolment ContactStore::enrol(const SequenceId& sequence, const std::vector<domain::Candidate>& candidates,
                              bool abort_on_skip) {
    return translated([&] {
        EnrolRequest request{sequence, in_lock_order(candidates), {}, abort_on_skip, day_, clock_.now()};
        for (const auto& candidate : request.candidates) request.hashes.push_back(hash_.of(candidate.email));
        const auto connection = pool_.lease();
        auto answer = pg::with_retry(deadlock_tries_max, [&] { return enrol_once(*connection, waiting_, request); });
        if (auto* const enrolled = std::get_if<domain::Enrolled>(&answer)) {
            std::ranges::sort(enrolled->skipped, {}, &domain::Skipped::index);
            if (enrolled->contacts_added > 0) due_.give(*connection);
        }
        return answer;
    });
}

domain::Contacts::Page ContactStore::enrollments(std::optional<SequenceId> sequence, std::optional<EnrollmentId> after,
                                                 int limit) {
    return translated([&] {
        // One more than asked for tells whether there is another page.
        // Unprepared, so that the plan is made for the filters that are given.
        const auto result = pool_.lease()->query(sql::enrollments_page.text, pg::Params{sequence, after, limit + 1});
        Page page;
        const int shown = std::min(result.rows(), limit);
        for (int i = 0; i < shown; ++i) page.items.push_back(view_of(result.row(i)));
        if (result.rows() > limit && shown > 0) page.next_cursor = page.items.back().id;
        return page;
    });
}

std::optional<domain::Contacts::Stopped> ContactStore::stop_enrollment(const EnrollmentId& id) {
    return translated([&]() -> std::optional<Stopped> {
        const auto connection = pool_.lease();
        pg::Pipeline first{*connection};
        first.add(sql::enrollment_stop, pg::Params{id});
        first.add(sql::enrollment_status, pg::Params{id});
        const auto results = first.run();
        if (results[1].empty()) return std::nullopt;
        fault::point("stop.between_transactions");
        // Even where it was over before: then this finishes what a crash cut off.
        Stopped stopped;
        stopped.already_over = results[0].affected() == 0;
        stopped.receipt.status = results[1].get<std::string>(0, 0);
        const auto emails = connection->exec(sql::open_emails_of_enrollments, pg::Params{std::vector{id}});
        stop_emails(*connection, emails.column<EmailId>(0), StopTarget::cancelled, results[1].get<std::string>(0, 1),
                    stopped.receipt);
        return stopped;
    });
}

}  // namespace sequitur::store
