// What the roles of one process share. Nothing here is global; the order of the members is the order
// in which they end, last first.
#pragma once

#include <memory>
#include <mutex>

#include "app/config.hpp"
#include "app/link_ring.hpp"
#include "base/clock.hpp"
#include "base/doorbell.hpp"
#include "base/metrics.hpp"
#include "domain/ports/message_bus.hpp"
#include "pg/pool.hpp"
#include "store/email_queue_store.hpp"
#include "store/secrets.hpp"
#include "workers/worker.hpp"

namespace sequitur::app {

class Engine {
public:
    Engine(const Config& config, store::Secrets secrets);

    const Config& config;
    const SystemClock clock;
    metrics::Registry metrics;
    Doorbell producer_bell;  ///< mail may be due
    Doorbell relay_bell;     ///< the outbox has news
    const store::Secrets secrets;
    pg::Pool hot;  ///< for the statements of the flows
    pg::Pool api;  ///< for everything that a person waits for
    store::EmailQueueStore queue;
    LinkRing links;

    workers::Surroundings surroundings() { return {.clock = clock, .metrics = metrics}; }
    /// Made when the first role asks for it: it keeps connections of its own.
    domain::MessageBus& bus();

private:
    std::mutex mutex_;
    std::unique_ptr<domain::MessageBus> bus_;
};

}  // namespace sequitur::app
