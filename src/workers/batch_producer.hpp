// Flow 3: finds due mail, reserves its place in the day's capacity, marks it `queued` and announces
// it, in one transaction of the store. `interval` is only a backstop: the producer wakes when the
// next mail can fall due, and whoever makes mail due rings its bell.
//
// Several producers at once are safe. Nothing here ever waits inside a batch.
#pragma once

#include "domain/ports/email_queue.hpp"
#include "workers/worker.hpp"

namespace sequitur::workers {

struct ProducerConfig {
    Duration interval = std::chrono::minutes{5};
    /// Runs that find something are this far apart at least: what falls due meanwhile shares a statement.
    Duration pace = std::chrono::milliseconds{60};
    domain::ProduceLimits limits;

    /// Throws std::invalid_argument that names the setting.
    void check() const;
};

class BatchProducer final : public Worker {
public:
    /// While something is due that could not be taken (its row is locked, its mailbox's window is
    /// full), it is looked for this often: at first, and at most.
    static constexpr Duration look_again_first = std::chrono::milliseconds{50};
    static constexpr Duration look_again_max = std::chrono::milliseconds{500};
    /// While mail is found, a mailbox whose day has just begun waits this long at most.
    static constexpr Duration open_days_every = std::chrono::seconds{1};

    BatchProducer(domain::EmailQueue& queue, Doorbell& bell, Doorbell& relay_bell, ProducerConfig config,
                  Surroundings surroundings);
    ~BatchProducer() override { stop(); }

    struct Ran {
        int emails = 0;
        int records = 0;
        Duration rest{};  ///< until there can be something again
    };
    Ran run_once(TimePoint now, const std::stop_token& stop = {});

private:
    Duration step(const std::stop_token& stop) override;
    Duration rest_after_nothing();
    domain::Produced produce();

    domain::EmailQueue& queue_;
    Doorbell& relay_bell_;
    const ProducerConfig config_;
    Duration look_again_ = look_again_first;
    SteadyTime not_before_{};
    SteadyTime days_opened_{};
    bool has_found_ = false;  ///< the last statement did

    metrics::Family<metrics::Counter>& runs_;
    metrics::Histogram& run_seconds_;
    metrics::Gauge& last_success_;
    metrics::Counter& emails_;
};

}  // namespace sequitur::workers
