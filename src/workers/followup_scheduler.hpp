// Flow 5: a step is done, so the next one is scheduled or the sequence is completed for this person.
//
// A repeated, late or reordered event changes nothing (the store's guard is `current_step <`); a lost
// one is found by the janitor.
#pragma once

#include "domain/ports/email_queue.hpp"
#include "workers/consumer.hpp"

namespace sequitur::workers {

struct FollowupConfig {
    Duration day = std::chrono::hours{24};  ///< length of one day of `wait_days`

    /// Throws std::invalid_argument that names the setting.
    void check() const;
};

class FollowupScheduler final : public Worker {
public:
    FollowupScheduler(domain::MessageBus& bus, domain::EmailQueue& queue, Doorbell& producer_bell,
                      FollowupConfig config, Surroundings surroundings);
    ~FollowupScheduler() override { stop(); }

    Consumed run_once(TimePoint now, const std::stop_token& stop = {}) { return consumer_.run_once(now, stop); }

private:
    using Event = Taken<domain::FollowupEvents>;

    Duration step(const std::stop_token& stop) override;
    std::vector<EmailId> schedule(std::span<const Event> batch);

    domain::EmailQueue& queue_;
    Doorbell& producer_bell_;
    const FollowupConfig config_;
    metrics::Family<metrics::Counter>& followups_;
    Consumer<domain::FollowupEvents> consumer_;
};

}  // namespace sequitur::workers
