// An outage of what a worker needs: the database or the bus does not answer.
//
// It is logged when it begins and when it ends, however often is tried in between. Tries are 100 ms
// apart, then twice as long each time, up to 5 s: a restart of PostgreSQL is noticed soon, and a
// long outage costs nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace sequitur::workers {

class Outage {
public:
    static constexpr Duration pause_first = std::chrono::milliseconds{100};
    static constexpr Duration pause_max = std::chrono::seconds{5};

    explicit Outage(std::string worker) : worker_(std::move(worker)) {}

    /// A try failed; returns the pause before the next one.
    Duration failed(std::string_view error, SteadyTime now);
    /// A try succeeded.
    void over(SteadyTime now);

    std::optional<SteadyTime> since() const { return since_; }

private:
    std::string worker_;
    std::optional<SteadyTime> since_;
    int tries_ = 0;
    Duration pause_ = pause_first;
};

}  // namespace sequitur::workers
