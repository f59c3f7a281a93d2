// A doorbell wakes one sleeping loop before its time. Ringing twice before it wakes is one ring;
// a ring while nobody sleeps is kept for the next wait.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "base/clock.hpp"

namespace sequitur {

/// Thread-safe. Borrowed by the one that rings, owned by the wiring.
class Doorbell {
public:
    void ring();
    /// Returns at the ring, after `longest`, or when stop is requested; true if it was rung.
    bool wait(Duration longest, const std::stop_token& stop);

private:
    std::mutex mutex_;
    std::condition_variable_any rung_;
    bool pending_ = false;
};

}  // namespace sequitur
