// The mutex owns what it guards: the value is reachable only under the lock.
#pragma once

#include <mutex>
#include <utility>

namespace sequitur {

template <class T> class Guarded {
public:
    Guarded() = default;
    explicit Guarded(T value) : value_(std::move(value)) {}

    decltype(auto) with(auto&& use) {
        const std::scoped_lock lock{mutex_};
        return use(value_);
    }
    decltype(auto) with(auto&& use) const {
        const std::scoped_lock lock{mutex_};
        return use(value_);
    }

private:
    mutable std::mutex mutex_;
    T value_{};
};

}  // namespace sequitur
