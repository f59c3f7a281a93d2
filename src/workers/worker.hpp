// A role's loop: one thread that calls step() until it is stopped, and one of the two places where
// an exception of broken surroundings ends (the other is the HTTP boundary).
//
// A step that throws is tried again after a pause (outage.hpp); nothing else about the loop can
// fail. start(), ask_to_stop() and stop() belong to one thread, the wiring's.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "base/doorbell.hpp"
#include "base/guarded.hpp"
#include "base/metrics.hpp"

namespace sequitur::workers {

/// What every worker borrows.
struct Surroundings {
    const Clock& clock;
    metrics::Registry& metrics;
};

/// For readiness. A worker that sleeps because nothing is due is well: look at `failing_since` first.
struct Health {
    std::optional<SteadyTime> last_success;   ///< end of the last step that did not throw
    std::optional<SteadyTime> failing_since;  ///< set while steps throw
};

/// A derived class calls stop() in its destructor: the thread uses its members.
class Worker {
public:
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    virtual ~Worker();

    /// Harmless while it runs. After stop() it starts again.
    void start();
    /// Lets many workers end at the same time. Harmless before start() and when repeated.
    void ask_to_stop();
    /// Asks, then joins. Harmless before start() and when repeated.
    void stop();

    const std::string& name() const { return name_; }
    /// Thread-safe.
    Health health() const;

protected:
    /// `bell` ends a rest between steps early.
    Worker(std::string name, Surroundings surroundings, Doorbell& bell);
    /// Nobody rings.
    Worker(std::string name, Surroundings surroundings);

    /// One round; returns how long to rest before the next. Returns soon once stop is requested.
    virtual Duration step(const std::stop_token& stop) = 0;

    const Clock& clock() const { return clock_; }

private:
    void run(const std::stop_token& stop);

    const std::string name_;
    const Clock& clock_;
    metrics::Counter& failures_;
    Doorbell silent_;
    Doorbell& bell_;
    Guarded<Health> health_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace sequitur::workers
