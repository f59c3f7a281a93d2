// Flow 6: a mail failed for now, so it is `scheduled` again at the time that its outcome wrote, or
// was tried often enough and is `permanent_failure`.
//
// It only reschedules: the producer sends it out again like any other. A lost record is found by the
// janitor.
#pragma once

#include "domain/ports/email_queue.hpp"
#include "workers/consumer.hpp"

namespace sequitur::workers {

class RetryConsumer final : public Worker {
public:
    RetryConsumer(domain::MessageBus& bus, domain::EmailQueue& queue, Doorbell& producer_bell,
                  Surroundings surroundings);
    ~RetryConsumer() override { stop(); }

    Consumed run_once(TimePoint now, const std::stop_token& stop = {}) { return consumer_.run_once(now, stop); }

private:
    using Failure = Taken<domain::EmailRetries>;

    Duration step(const std::stop_token& stop) override;
    std::vector<EmailId> apply(std::span<const Failure> batch);

    domain::EmailQueue& queue_;
    Doorbell& producer_bell_;
    metrics::Family<metrics::Counter>& retries_;
    Consumer<domain::EmailRetries> consumer_;
};

}  // namespace sequitur::workers
