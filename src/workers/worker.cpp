#include "workers/worker.hpp"

#include <cassert>
#include <exception>

#include "workers/outage.hpp"

namespace sequitur::workers {

namespace {

metrics::Counter& failures_of(metrics::Registry& registry, const std::string& worker) {
    return registry.counter("sequitur_worker_failures_total", "Steps of a worker that ended in an error.", {"worker"})
        .with({worker});
}

}  // namespace

Worker::Worker(std::string name, Surroundings surroundings, Doorbell& bell)
    : name_(std::move(name)),
      clock_(surroundings.clock),
      failures_(failures_of(surroundings.metrics, name_)),
      bell_(bell) {}

Worker::Worker(std::string name, Surroundings surroundings)
    : name_(std::move(name)),
      clock_(surroundings.clock),
      failures_(failures_of(surroundings.metrics, name_)),
      bell_(silent_) {}

Worker::~Worker() { assert(!thread_.joinable()); }

void Worker::start() {
    if (!thread_.joinable()) thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

void Worker::ask_to_stop() { thread_.request_stop(); }

void Worker::stop() { thread_ = {}; }

Health Worker::health() const {
    return health_.with([](const Health& health) { return health; });
}

void Worker::run(const std::stop_token& stop) {
    Outage outage{name_};
    while (!stop.stop_requested()) {
        try {
            const auto rest = step(stop);
            outage.over(clock_.steady_now());
            health_.with([&](Health& health) { health = {clock_.steady_now(), std::nullopt}; });
            if (rest > Duration::zero()) bell_.wait(rest, stop);
        } catch (const std::exception& error) {
            failures_.add();
            const auto pause = outage.failed(error.what(), clock_.steady_now());
            health_.with([&](Health& health) { health.failing_since = outage.since(); });
            // Not the bell: whoever rings has news, but not that the outage is over.
            Doorbell{}.wait(pause, stop);
        }
    }
}

}  // namespace sequitur::workers
