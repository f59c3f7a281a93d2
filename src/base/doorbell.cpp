#include "base/doorbell.hpp"

#include <utility>

namespace sequitur {

void Doorbell::ring() {
    {
        const std::scoped_lock lock{mutex_};
        pending_ = true;
    }
    rung_.notify_one();
}

bool Doorbell::wait(Duration longest, const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    rung_.wait_for(lock, stop, longest, [this] { return pending_; });
    return std::exchange(pending_, false);
}

}  // namespace sequitur
