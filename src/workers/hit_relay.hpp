// Publishes the hits that were kept on the disk to email-events, many in one record, for as long as it takes.
//
// A hit may be published again after a crash; the recorder writes each once, by its id.
#pragma once

#include "domain/ports/hit_log.hpp"
#include "domain/ports/message_bus.hpp"
#include "workers/worker.hpp"

namespace sequitur::workers {

/// With the longest targets half of what a record may have.
constexpr std::size_t hits_of_one_record_max = 200;

class HitRelay final : public Worker {
public:
    /// `bell`: there is something to publish.
    HitRelay(domain::HitBacklog& backlog, domain::MessageBus& bus, Doorbell& bell, Surroundings surroundings);
    ~HitRelay() override { stop(); }

    /// Until nothing is left; how many were published. Throws BusError; then they come again.
    std::size_t run_once(TimePoint now, const std::stop_token& stop = {});

private:
    static constexpr Duration pace = std::chrono::milliseconds{100};  ///< so that a record has many
    static constexpr Duration idle = std::chrono::seconds{2};

    Duration step(const std::stop_token& stop) override;

    domain::HitBacklog& backlog_;
    domain::MessageBus& bus_;
    metrics::Counter& published_;
    SteadyTime not_before_{};
};

}  // namespace sequitur::workers
