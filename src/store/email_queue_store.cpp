#include "store/email_queue_store.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/fault.hpp"
#include "pg/pipeline.hpp"
#include "store/inbox.hpp"
#include "store/sql.hpp"
#include "store/translate.hpp"

namespace sequitur::store {

namespace {

void read_claimed(pg::Row row, domain::ClaimedEmail& email) {
    email.id = row.next<EmailId>();
    email.epoch = row.next<std::int64_t>();
    email.enrollment = row.next<EnrollmentId>();
    email.mailbox = row.next<MailboxId>();
    email.mailbox_version = row.next<std::int64_t>();
    email.min_gap_seconds = row.next<std::int32_t>();
    email.backoff_count = row.next<std::int32_t>();
    email.step_version = row.next<StepVersionId>();
    email.step_order = row.next<std::int32_t>();
    email.retry_count = row.next<std::int32_t>();
    email.max_retries = row.next<std::int32_t>();
    email.charged_date = row.next<std::chrono::sys_days>();
    email.first_attempt_at = row.next<TimePoint>();
    email.to = row.next<std::string>();
    email.first_name = row.next<std::optional<std::string>>();
    email.last_name = row.next<std::optional<std::string>>();
    email.company = row.next<std::optional<std::string>>();
    email.phone = row.next<std::optional<std::string>>();
    email.attributes = row.next<std::string>();
    email.contact_version = row.next<TimePoint>();
    email.tracks_opens = row.next<bool>();
    email.tracks_clicks = row.next<bool>();
}

/// Those of `asked` (sorted) that are not among the claimed.
std::vector<EmailId> left_over(const std::vector<EmailId>& asked, const std::vector<domain::ClaimedEmail>& claimed) {
    std::vector<EmailId> taken;
    for (const auto& email : claimed) taken.push_back(email.id);
    std::ranges::sort(taken);
    std::vector<EmailId> rest;
    std::ranges::set_difference(asked, taken, std::back_inserter(rest));
    return rest;
}

}  // namespace

EmailQueueStore::EmailQueueStore(pg::Pool& hot, std::string database_url, Duration lease)
    : hot_(hot), database_url_(std::move(database_url)), lease_left_min_(lease * 11 / 20) {}

domain::Produced EmailQueueStore::produce(const domain::ProduceLimits& limits) {
    return as_transaction([&] {
        const auto connection = hot_.lease();
        pg::Pipeline pipeline{*connection};
        if (limits.opens_days) pipeline.add(sql::ensure_daily_counts);
        pipeline.add(sql::produce,
                     pg::Params{limits.emails_max, limits.mailboxes_max, limits.ahead, limits.check_after});
        const auto results = pipeline.run();
        const auto& produced = results.back();
        return domain::Produced{produced.get<std::int32_t>(0, 0), produced.get<std::int32_t>(0, 1)};
    });
}

std::optional<Duration> EmailQueueStore::next_due(const domain::ProduceLimits& limits) {
    return as_transaction([&] {
        const auto connection = hot_.lease();
        return connection->exec(sql::next_due, pg::Params{limits.ahead}).get<std::optional<Duration>>(0, 0);
    });
}

domain::Claimed EmailQueueStore::claim(const domain::ClaimRequest& request) {
    auto asked = request.emails;
    std::ranges::sort(asked);
    asked.erase(std::ranges::unique(asked).begin(), asked.end());
    // Each transaction is repeated for itself: what is claimed must not be claimed anew because a later one failed.
    auto claimed = as_transaction([&] {
        const auto connection = hot_.lease();
        pg::Pipeline pipeline{*connection};
        pipeline.add(sql::claim, pg::Params{asked, request.lease});
        if (!request.inbox.empty()) pipeline.add(sql::inbox_add, inbox_params(request.group, request.inbox));
        fault::point("claim.before_commit");
        const auto results = pipeline.run();
        fault::point("claim.after_commit");

        domain::Claimed taken;
        taken.emails.reserve(static_cast<std::size_t>(results[0].rows()));
        for (int row = 0; row < results[0].rows(); ++row)
            read_claimed(results[0].row(row), taken.emails.emplace_back());
        return taken;
    });
    if (const auto rest = left_over(asked, claimed.emails); !rest.empty()) refuse(rest, claimed);
    load_threads(claimed.emails);
    return claimed;
}

void EmailQueueStore::refuse(const std::vector<EmailId>& emails, domain::Claimed& claimed) {
    as_transaction([&] {
        const auto connection = hot_.lease();
        claimed.refused = connection->exec(sql::refuse_queued, pg::Params{emails}).get<std::int32_t>(0, 0);
        claimed.missing = connection->exec(sql::missing_emails, pg::Params{emails}).column<EmailId>(0);
    });
}

void EmailQueueStore::load_threads(std::vector<domain::ClaimedEmail>& emails) {
    std::unordered_map<EnrollmentId, domain::ClaimedEmail*> followups;
    std::vector<EnrollmentId> ids;
    for (auto& email : emails) {
        if (email.step_order == 0) continue;
        followups.emplace(email.enrollment, &email);
        ids.push_back(email.enrollment);
    }
    if (ids.empty()) return;

    const auto result = as_transaction([&] {
        const auto connection = hot_.lease();
        return connection->exec(sql::threads, pg::Params{ids});
    });
    for (int number = 0; number < result.rows(); ++number) {
        auto row = result.row(number);
        auto& email = *followups.at(row.next<EnrollmentId>());
        const auto id = row.next<EmailId>();
        const auto mailbox_domain = row.next<std::string>();
        const auto effective = row.next<std::optional<std::string>>();
        const auto step_order = row.next<std::int32_t>();
        if (step_order >= email.step_order) continue;
        email.thread.push_back({effective.value_or("<sequitur." + id.uuid.hex() + "@" + mailbox_domain + ">"),
                                row.next<std::string>(), row.next<bool>(), id, step_order});
    }
}

std::vector<domain::StepText> EmailQueueStore::step_texts(const std::vector<StepVersionId>& ids) {
    return as_transaction([&] {
        const auto connection = hot_.lease();
        const auto result = connection->exec(sql::step_texts, pg::Params{ids});
        std::vector<domain::StepText> texts;
        for (int number = 0; number < result.rows(); ++number) {
            auto row = result.row(number);
            auto& text = texts.emplace_back();
            text.id = row.next<StepVersionId>();
            text.subject = row.next<std::string>();
            text.content = row.next<std::string>();
            text.content_text = row.next<std::optional<std::string>>();
        }
        return texts;
    });
}

}  // namespace sequitur::store
