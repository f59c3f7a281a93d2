// The queue of emails on PostgreSQL. Each method is one transaction (a statement, or a pipeline of them);
// the rules stand in sql/*.sql, each with its why.
#pragma once

#include <optional>

#include "domain/ports/email_queue.hpp"
#include "pg/pool.hpp"

namespace sequitur::store {

/// Thread-safe but for flush(), which has a connection of its own for the one writer of the process.
class EmailQueueStore final : public domain::EmailQueue {
public:
    /// `hot`: connections with hot_settings(). `lease` is the sender's; the permit needs 11/20 of it left.
    EmailQueueStore(pg::Pool& hot, std::string database_url, Duration lease);

    domain::Produced produce(const domain::ProduceLimits& limits) override;
    std::optional<Duration> next_due(const domain::ProduceLimits& limits) override;
    domain::Claimed claim(const domain::ClaimRequest& request) override;
    std::vector<domain::StepText> step_texts(const std::vector<StepVersionId>& ids) override;
    domain::Flushed flush(const domain::Flush& flush) override;
    domain::FollowupsDone schedule_followups(const std::vector<domain::StepCompleted>& completed,
                                             const std::vector<domain::InboxEntry>& inbox, Duration day) override;
    domain::RetriesDone apply_retries(const std::vector<domain::EmailRetry>& retries,
                                      const std::vector<domain::InboxEntry>& inbox) override;
    domain::Swept sweep_batches(Duration queued_after, int batches_max) override;
    domain::RetriesDone sweep_failed(Duration age, int emails_max) override;
    int assume_sent(Duration age, int emails_max) override;
    int finish_stops(Duration age, int entries_max) override;
    int release_held(int emails_max) override;
    int probe_logins() override;
    std::vector<domain::StepCompleted> stranded(Duration age, int enrollments_max) override;
    void tidy_partitions(int days_ahead, Duration keep) override;

private:
    pg::Connection& writer();
    void refuse(const std::vector<EmailId>& emails, domain::Claimed& claimed);
    void load_threads(std::vector<domain::ClaimedEmail>& emails);
    void record_late(pg::Connection& connection, const domain::Flush& flush, domain::Flushed& flushed);
    void stop_bounced(pg::Connection& connection, const std::vector<ContactId>& contacts);
    void count_refusals(const std::vector<EmailId>& refused);

    pg::Pool& hot_;
    const std::string database_url_;
    const Duration lease_left_min_;
    std::optional<pg::Connection> writer_;
    // Where the janitor's rounds go on; it is one thread.
    TimePoint held_after_at_{};
    Uuid held_after_id_{};
    Uuid stranded_after_{};
};

}  // namespace sequitur::store
