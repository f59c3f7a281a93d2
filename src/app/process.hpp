// What one process does about itself: who may look into it, how many files it may hold, how it is stopped.
#pragma once

#include <stop_token>
#include <thread>

namespace sequitur::app {

/// No core dumps and no ptrace by other users' processes (secrets are in memory), as many files as the
/// hard limit allows, no death by a closed pipe.
void protect_process();

/// SIGTERM and SIGINT: the first asks for a stop, the second ends the process at once. Made before
/// any other thread, whose signal masks it decides.
class StopSignals {
public:
    StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    ~StopSignals();

    std::stop_token token() const { return asked_.get_token(); }
    /// Returns when the first signal has come.
    void wait() const;

private:
    std::stop_source asked_;
    std::jthread thread_;
};

}  // namespace sequitur::app
