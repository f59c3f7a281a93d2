// A clock that stands still until a test moves it; both of its times move together. Thread-safe.
#pragma once

#include <atomic>

#include "base/clock.hpp"

namespace sequitur::test {

class ManualClock final : public Clock {
public:
    /// 2026-11-24 08:00 UTC unless told otherwise.
    explicit ManualClock(TimePoint now = TimePoint{std::chrono::seconds{1'795'507'200}}) : start_(now) {}

    TimePoint now() const override { return start_ + passed(); }
    SteadyTime steady_now() const override { return SteadyTime{} + std::chrono::hours{1} + passed(); }
    void advance(Duration by) { passed_us_ += by.count(); }

private:
    Duration passed() const { return Duration{passed_us_.load()}; }

    const TimePoint start_;
    std::atomic<std::int64_t> passed_us_{0};
};

}  // namespace sequitur::test
