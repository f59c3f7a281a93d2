// Flows 3 to 6: publishes the outbox in order, and marks what the bus has made durable.
//
// A crash between the two publishes again: consumers are protected by their rows. Several relays
// share the work. What another process wrote is found within `idle`.
#pragma once

#include "domain/ports/email_queue.hpp"
#include "domain/ports/message_bus.hpp"
#include "workers/worker.hpp"

namespace sequitur::workers {

struct RelayConfig {
    int records_max = 200;  ///< a publish and a transaction
    Duration idle = std::chrono::milliseconds{50};
    /// Publishes are this far apart at least: what is written meanwhile shares one.
    Duration pace = std::chrono::milliseconds{50};

    /// Throws std::invalid_argument that names the setting.
    void check() const;
};

class OutboxRelay final : public Worker {
public:
    OutboxRelay(domain::Outbox& outbox, domain::MessageBus& bus, Doorbell& bell, RelayConfig config,
                Surroundings surroundings);
    ~OutboxRelay() override { stop(); }

    /// Until nothing is left; returns how many records were published.
    std::size_t run_once(TimePoint now, const std::stop_token& stop = {});

private:
    Duration step(const std::stop_token& stop) override;
    /// 0: there was nothing.
    std::size_t publish_some();

    domain::Outbox& outbox_;
    domain::MessageBus& bus_;
    const RelayConfig config_;
    SteadyTime not_before_{};
    metrics::Family<metrics::Counter>& published_;
};

}  // namespace sequitur::workers
