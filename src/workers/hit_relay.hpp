// Publishes the hits that were kept on the disk to email-events, many in one record, for as long as it takes.
//
// Answers come first: a record costs CPU here, in the database and in the recorder, and while one is worked on whoever
// follows a link waits for a core. What comes faster than a round allows stays on the disk, for a minute at most.
//
// A hit may be published again after a crash; the recorder writes each once, by its id.
#pragma once

#include "domain/ports/hit_log.hpp"
#include "domain/ports/message_bus.hpp"
#include "workers/worker.hpp"

namespace sequitur::workers {

/// With the longest targets half of what a record may have.
constexpr std::size_t hits_of_one_record_max = 200;
/// With the pace 4,000 a second.
constexpr std::size_t hits_of_one_round = 400;
/// A hit that has waited for so long is published whatever else there is to do.
constexpr Duration hit_waits_max = std::chrono::minutes{1};

class HitRelay final : public Worker {
public:
    /// `bell`: there is something to publish.
    HitRelay(domain::HitBacklog& backlog, domain::MessageBus& bus, Doorbell& bell, Surroundings surroundings);
    ~HitRelay() override { stop(); }

    /// As many as a round allows; how many were published. Throws BusError; then they come again.
    std::size_t run_once(TimePoint now, const std::stop_token& stop = {});
    /// Until nothing is left. Throws BusError.
    void drain(TimePoint now);

private:
    static constexpr Duration pace = std::chrono::milliseconds{100};  ///< of rounds, so that a record has many
    static constexpr Duration idle = std::chrono::seconds{2};

    struct Published {
        std::size_t hits = 0;
        TimePoint oldest;
    };
    Published publish_record(TimePoint now);
    Duration step(const std::stop_token& stop) override;

    domain::HitBacklog& backlog_;
    domain::MessageBus& bus_;
    metrics::Counter& published_;
    SteadyTime not_before_{};
};

}  // namespace sequitur::workers
