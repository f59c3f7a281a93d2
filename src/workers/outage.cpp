#include "workers/outage.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace sequitur::workers {

Duration Outage::failed(std::string_view error, SteadyTime now) {
    ++tries_;
    if (since_) return std::exchange(pause_, std::min(2 * pause_, pause_max));
    log::error("worker is failing", {{"worker", worker_}, {"error", error}});
    since_ = now;
    pause_ = 2 * pause_first;
    return pause_first;
}

void Outage::over(SteadyTime now) {
    if (!since_) return;
    const auto lasted = std::chrono::duration<double>(now - *since_).count();
    log::info("worker goes on", {{"worker", worker_}, {"failed_tries", tries_}, {"seconds", lasted}});
    since_.reset();
    tries_ = 0;
}

}  // namespace sequitur::workers
