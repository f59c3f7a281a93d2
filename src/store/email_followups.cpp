// Flows 5 and 6 on PostgreSQL: next steps and retries, in batches.
#include <algorithm>
#include <map>

#include "pg/pipeline.hpp"
#include "store/due_signal.hpp"
#include "store/email_queue_store.hpp"
#include "store/inbox.hpp"
#include "store/sql.hpp"
#include "store/translate.hpp"

namespace sequitur::store {

namespace {

/// Runs `statement` and the inbox in one transaction; returns the statement's result.
pg::Result run_with_inbox(pg::Connection& connection, const pg::Statement& statement, pg::Params params,
                          std::string_view group, const std::vector<domain::InboxEntry>& inbox) {
    pg::Pipeline pipeline{connection};
    pipeline.add(statement, std::move(params));
    if (!inbox.empty()) pipeline.add(sql::inbox_add, inbox_params(group, inbox));
    auto results = pipeline.run();
    return std::move(results.front());
}

std::vector<EmailId> missing_emails(pg::Connection& connection, const std::vector<EmailId>& ids, int accounted) {
    if (accounted >= static_cast<int>(ids.size())) return {};
    return connection.exec(sql::missing_emails, pg::Params{ids}).column<EmailId>(0);
}

}  // namespace

domain::FollowupsDone EmailQueueStore::schedule_followups(const std::vector<domain::StepCompleted>& completed,
                                                          const std::vector<domain::InboxEntry>& inbox, Duration day) {
    // One row an enrolment, the furthest step: UPDATE ... FROM must not meet a row twice.
    std::map<EnrollmentId, domain::StepCompleted> furthest;
    for (const auto& step : completed) {
        auto& kept = furthest.try_emplace(step.sequence_contact_id, step).first->second;
        if (step.step_completed > kept.step_completed) kept = step;
    }
    const auto now = SystemClock{}.now();
    std::vector<EnrollmentId> enrollments;
    std::vector<EmailId> emails;
    std::vector<EmailId> new_ids;
    for (const auto& [enrollment, step] : furthest) {
        enrollments.push_back(enrollment);
        emails.push_back(step.email_queue_id);
        new_ids.push_back(EmailId::make(now));
    }
    std::ranges::sort(new_ids);

    return as_transaction([&] {
        const auto connection = hot_.lease();
        const auto result =
            run_with_inbox(*connection, sql::schedule_followups, pg::Params{enrollments, emails, new_ids, day},
                           domain::groups::followup, inbox);
        domain::FollowupsDone done;
        done.scheduled = result.get<std::int32_t>(0, 0);
        done.held = result.get<std::int32_t>(0, 1);
        done.completed = result.get<std::int32_t>(0, 2);
        if (done.scheduled > 0) DueSignal{}.give(*connection);
        const int accounted = done.scheduled + done.held + done.completed;
        done.ignored = static_cast<int>(completed.size()) - accounted;
        done.missing = missing_emails(*connection, emails, accounted);
        return done;
    });
}

domain::RetriesDone EmailQueueStore::apply_retries(const std::vector<domain::EmailRetry>& retries,
                                                   const std::vector<domain::InboxEntry>& inbox) {
    std::map<EmailId, std::int64_t> latest;
    for (const auto& retry : retries) {
        auto& epoch = latest.try_emplace(retry.email_queue_id, retry.epoch).first->second;
        epoch = std::max(epoch, retry.epoch);
    }
    std::vector<EmailId> ids;
    std::vector<std::int64_t> epochs;
    for (const auto& [id, epoch] : latest) {
        ids.push_back(id);
        epochs.push_back(epoch);
    }

    return as_transaction([&] {
        const auto connection = hot_.lease();
        const auto result =
            run_with_inbox(*connection, sql::apply_retries, pg::Params{ids, epochs}, domain::groups::retry, inbox);
        domain::RetriesDone done;
        done.scheduled = result.get<std::int32_t>(0, 0);
        done.permanent = result.get<std::int32_t>(0, 1);
        done.stopped = result.get<std::int32_t>(0, 2);
        if (done.scheduled > 0) DueSignal{}.give(*connection);
        const int accounted = done.scheduled + done.permanent + done.stopped;
        done.ignored = static_cast<int>(retries.size()) - accounted;
        done.missing = missing_emails(*connection, ids, accounted);
        return done;
    });
}

}  // namespace sequitur::store
