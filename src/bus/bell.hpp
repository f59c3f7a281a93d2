// Ends the waiting of one member's poll: rung when records may have come, woken when it should return.
// Both are kept for a wait that has not begun yet.
#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/clock.hpp"

namespace sequitur::bus {

/// Thread-safe; one thread waits.
class Bell {
public:
    struct Heard {
        bool ring = false;
        bool wake = false;
    };

    void ring() { note(&Heard::ring); }
    void wake() { note(&Heard::wake); }

    /// Returns at once what is pending; else waits.
    Heard wait_until(SteadyTime deadline) {
        std::unique_lock lock{mutex_};
        changed_.wait_until(lock, deadline, [&] { return pending_.ring || pending_.wake; });
        return std::exchange(pending_, {});
    }

private:
    void note(bool Heard::* what) {
        const std::scoped_lock lock{mutex_};
        pending_.*what = true;
        changed_.notify_one();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    Heard pending_;
};

}  // namespace sequitur::bus
