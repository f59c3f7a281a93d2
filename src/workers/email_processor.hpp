// Flow 4: from a record of email-jobs to an outcome.
//
//   poll → claim (one transaction for all emails of the records) → commit the offset → SMTP → dot permit → dot →
//   outcome
//
// The offset is committed after the claim, not after the send: from there the lease owns the work. The polling
// thread never does SMTP; sessions run on the transport's threads, and the writer commits for all of them.
// Everything before the dot has 8/20 of the lease from the moment the claim was asked; the permit needs 11/20 left.
#pragma once

#include "domain/ports/message_bus.hpp"
#include "workers/letters.hpp"
#include "workers/record_source.hpp"
#include "workers/sessions.hpp"

namespace sequitur::workers {

class EmailProcessor final : public Worker {
public:
    EmailProcessor(domain::MessageBus& bus, domain::EmailQueue& queue, Sessions& sessions, Letters letters,
                   SenderConfig config, Surroundings surroundings);
    ~EmailProcessor() override { stop(); }

    /// One round; returns how many emails were claimed.
    int run_once(TimePoint now, Duration wait, const std::stop_token& stop);

private:
    struct Jobs {
        std::vector<EmailId> emails;
        std::vector<domain::InboxEntry> inbox;
    };

    Duration step(const std::stop_token& stop) override;
    Jobs read(const std::vector<domain::BusRecord>& records, TimePoint now);
    domain::Claimed claim(const Jobs& jobs);
    void quarantine_missing(const std::vector<domain::BusRecord>& records, const std::vector<EmailId>& missing,
                            TimePoint now);
    void begin_claimed();

    domain::MessageBus& bus_;
    domain::EmailQueue& queue_;
    Sessions& sessions_;
    Letters letters_;
    const SenderConfig config_;
    /// Claimed and not begun: what a failure between the two leaves for the next round.
    std::vector<domain::ClaimedEmail> claimed_;
    SteadyTime asked_at_;
    metrics::Counter& poison_;
    RecordSource source_;
};

}  // namespace sequitur::workers
