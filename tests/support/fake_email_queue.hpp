// A queue of emails whose answers a test scripts, and which tells what it was asked. An empty script
// answers "nothing". Not thread-safe.
#pragma once

#include <algorithm>
#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "domain/ports/email_queue.hpp"
#include "support/trace.hpp"

namespace sequitur::test {

class FakeEmailQueue final : public domain::EmailQueue {
public:
    explicit FakeEmailQueue(Trace& trace) : trace_(trace) {}

    // Scripted: the next answers, in order.
    std::deque<domain::Produced> produces;
    std::vector<bool> opened_days;  ///< of each produce
    std::deque<std::optional<Duration>> next_dues;
    std::deque<domain::Claimed> claims;
    std::deque<domain::Flushed> flushes;
    domain::FollowupsDone followups;
    domain::RetriesDone retries;
    domain::Swept swept;
    domain::RetriesDone swept_failed;
    int assumed = 0;
    int released = 0;
    int stops_finished = 0;
    int probed = 0;
    std::deque<std::vector<domain::StepCompleted>> stranded_pages;
    std::vector<domain::StepText> texts;
    /// Calls by this name throw StoreUnavailable, so many times.
    std::pair<std::string, int> unavailable;
    /// So many calls by that name are answered first.
    int answered_before_unavailable = 0;
    /// A call that names one of these throws StoreRefused.
    std::set<EmailId> refused;
    /// These name no row.
    std::set<EmailId> unknown;

    // Told.
    std::vector<std::vector<domain::StepCompleted>> followup_calls;
    std::vector<std::vector<domain::EmailRetry>> retry_calls;
    std::vector<std::vector<domain::InboxEntry>> inboxes;
    std::vector<domain::ClaimRequest> claim_calls;
    std::vector<domain::Flush> flush_calls;
    Duration day{};
    Duration queued_after{};
    Duration failed_after{};
    Duration unknown_after{};
    Duration stranded_after{};
    std::pair<int, Duration> partitions;

    domain::Produced produce(const domain::ProduceLimits& limits) override {
        enter("produce");
        opened_days.push_back(limits.opens_days);
        return next(produces);
    }
    std::optional<Duration> next_due(const domain::ProduceLimits&) override {
        enter("next_due");
        return next(next_dues);
    }
    domain::Claimed claim(const domain::ClaimRequest& request) override {
        enter("claim");
        claim_calls.push_back(request);
        for (const auto& id : request.emails) refuse(id);
        return next(claims);
    }
    std::vector<domain::StepText> step_texts(const std::vector<StepVersionId>&) override {
        enter("step_texts");
        return texts;
    }
    /// Without a script: grants and records everything.
    domain::Flushed flush(const domain::Flush& flush) override {
        enter("flush");
        flush_calls.push_back(flush);
        for (const auto& outcome : flush.outcomes) refuse(outcome.id);
        if (!flushes.empty()) return next(flushes);
        domain::Flushed all{.granted = flush.permits, .recorded = {}};
        for (const auto& outcome : flush.outcomes) all.recorded.push_back({outcome.id, outcome.epoch});
        return all;
    }
    domain::FollowupsDone schedule_followups(const std::vector<domain::StepCompleted>& completed,
                                             const std::vector<domain::InboxEntry>& inbox, Duration length) override {
        enter("schedule_followups");
        followup_calls.push_back(completed);
        inboxes.push_back(inbox);
        day = length;
        auto done = followups;
        for (const auto& step : completed) look_up(step.email_queue_id, done.missing);
        return done;
    }
    domain::RetriesDone apply_retries(const std::vector<domain::EmailRetry>& failed,
                                      const std::vector<domain::InboxEntry>& inbox) override {
        enter("apply_retries");
        retry_calls.push_back(failed);
        inboxes.push_back(inbox);
        auto done = retries;
        for (const auto& retry : failed) look_up(retry.email_queue_id, done.missing);
        return done;
    }
    domain::Swept sweep_batches(Duration age, int) override {
        enter("sweep_batches");
        queued_after = age;
        return swept;
    }
    domain::RetriesDone sweep_failed(Duration age, int) override {
        enter("sweep_failed");
        failed_after = age;
        return swept_failed;
    }
    int assume_sent(Duration age, int) override {
        enter("assume_sent");
        unknown_after = age;
        return assumed;
    }
    int finish_stops(Duration, int) override {
        enter("finish_stops");
        return stops_finished;
    }
    int release_held(int) override {
        enter("release_held");
        return released;
    }
    int probe_logins() override {
        enter("probe_logins");
        return probed;
    }
    std::vector<domain::StepCompleted> stranded(Duration age, int) override {
        enter("stranded");
        stranded_after = age;
        if (stranded_pages.empty()) return {};
        auto page = std::move(stranded_pages.front());
        stranded_pages.pop_front();
        return page;
    }
    void tidy_partitions(int days_ahead, Duration keep) override {
        enter("tidy_partitions");
        partitions = {days_ahead, keep};
    }

private:
    void enter(const std::string& name) {
        trace_.push_back(name);
        if (unavailable.first != name || unavailable.second == 0) return;
        if (answered_before_unavailable-- > 0) return;
        --unavailable.second;
        throw domain::StoreUnavailable(name + " was told to fail");
    }
    void refuse(const EmailId& id) const {
        if (refused.contains(id)) throw domain::StoreRefused("refused " + id.text());
    }
    void look_up(const EmailId& id, std::vector<EmailId>& missing) const {
        refuse(id);
        if (unknown.contains(id)) missing.push_back(id);
    }
    template <class Answer> static Answer next(std::deque<Answer>& answers) {
        if (answers.empty()) return {};
        auto answer = std::move(answers.front());
        answers.pop_front();
        return answer;
    }

    Trace& trace_;
};

}  // namespace sequitur::test
