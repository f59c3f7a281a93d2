// Time: one type for instants, one for lengths, one port that tells the time.
//
// Rules take `now` as an argument; workers get a Clock. Leases, schedules and days are decided by
// the database's clock; a process trusts its own only for lengths (`SteadyTime`).
#pragma once

#include <chrono>

namespace sequitur {

/// An instant, in microseconds since 1970 UTC: what PostgreSQL stores.
using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;
/// For deadlines inside one process: never jumps.
using SteadyTime = std::chrono::steady_clock::time_point;

/// Thread-safe.
class Clock {
public:
    virtual ~Clock() = default;
    virtual TimePoint now() const = 0;
    virtual SteadyTime steady_now() const = 0;
};

class SystemClock final : public Clock {
public:
    TimePoint now() const override;
    SteadyTime steady_now() const override;
};

}  // namespace sequitur
