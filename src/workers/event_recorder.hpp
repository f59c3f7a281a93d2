// Writes down what happened to an email outside of its delivery: opens, clicks, replies, reports.
//
// The ends of attempts come by here too, for whoever else listens to email-events; their rows were
// written with the outcome (`recorded`), and a batch of nothing else costs no transaction.
#pragma once

#include "domain/ports/event_log.hpp"
#include "workers/consumer.hpp"

namespace sequitur::workers {

class EventRecorder final : public Worker {
public:
    EventRecorder(domain::MessageBus& bus, domain::EventLog& log, Surroundings surroundings);
    ~EventRecorder() override { stop(); }

    Consumed run_once(TimePoint now, const std::stop_token& stop = {}) { return consumer_.run_once(now, stop); }

private:
    using Told = Taken<domain::EmailEvents>;

    Duration step(const std::stop_token& stop) override;
    std::vector<EmailId> record(std::span<const Told> batch);

    domain::EventLog& log_;
    metrics::Counter& recorded_;
    Consumer<domain::EmailEvents> consumer_;
};

}  // namespace sequitur::workers
