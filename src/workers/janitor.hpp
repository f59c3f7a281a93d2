// The sweepers: whatever was lost between two roles is derived again from the rows. They make the bus
// disposable (wipe every topic, and no mail is lost) and every claim expire.
//
// Each sweep is repeatable and bounded; several janitors at once are safe. What is left over is for
// the next round. A sweep that fails does not keep the others from their turn.
#pragma once

#include <array>

#include "domain/ports/email_queue.hpp"
#include "domain/ports/message_bus.hpp"
#include "workers/worker.hpp"

namespace sequitur::workers {

struct JanitorConfig {
    Duration interval = std::chrono::seconds{10};
    Duration queued_after = std::chrono::minutes{10};    ///< a queued email that nobody claimed is scheduled again
    Duration failed_after = std::chrono::minutes{10};    ///< a failed email whose retry was lost gets it
    Duration stranded_after = std::chrono::minutes{10};  ///< a person whose follow-up was lost gets it
    Duration unknown_after = std::chrono::hours{24};     ///< `unknown` becomes `assumed_sent`
    Duration keep = std::chrono::days{90};               ///< events, outbox and inbox
    Duration day = std::chrono::hours{24};               ///< of `wait_days`
    Duration unfinished_after = std::chrono::seconds{10};  ///< a suppression whose stop act was cut off
    int partition_days_ahead = 14;
    int batches_max = 500;       ///< a round
    int emails_max = 1'000;      ///< a round and sweep
    int suppressions_max = 100;  ///< a round
    int enrollments_max = 2'000; ///< looked at a round; more while somebody is found

    /// Throws std::invalid_argument that names the setting.
    void check() const;
};

class Janitor final : public Worker {
public:
    static constexpr Duration bus_tidy_every = std::chrono::minutes{1};
    static constexpr Duration partitions_tidy_every = std::chrono::hours{1};

    Janitor(domain::EmailQueue& queue, domain::MessageBus& bus, Doorbell& producer_bell, JanitorConfig config,
            Surroundings surroundings);
    ~Janitor() override { stop(); }

    struct Found {
        domain::Swept batches;
        domain::RetriesDone failed;
        int assumed_sent = 0;
        int stops_finished = 0;
        int released = 0;
        int probed = 0;  ///< mailboxes
        domain::FollowupsDone stranded;
    };
    /// Every sweep once.
    Found run_once(TimePoint now, const std::stop_token& stop = {});

private:
    using Sweep = void (Janitor::*)(Found& found, TimePoint now);
    static const std::array<Sweep, 9> sweeps;

    Duration step(const std::stop_token& stop) override;
    void sweep_batches(Found& found, TimePoint now);
    void sweep_failed(Found& found, TimePoint now);
    void assume_sent(Found& found, TimePoint now);
    void finish_stops(Found& found, TimePoint now);
    void release_held(Found& found, TimePoint now);
    void follow_up_stranded(Found& found, TimePoint now);
    void probe_logins(Found& found, TimePoint now);
    void tidy_partitions(Found& found, TimePoint now);
    void tidy_bus(Found& found, TimePoint now);
    void count(const char* sweep, int rows);
    void ring_if(int scheduled);

    domain::EmailQueue& queue_;
    domain::MessageBus& bus_;
    Doorbell& producer_bell_;
    const JanitorConfig config_;
    std::size_t next_sweep_ = 0;
    TimePoint next_bus_tidy_{};
    TimePoint next_partitions_tidy_{};
    metrics::Family<metrics::Counter>& swept_;
};

}  // namespace sequitur::workers
