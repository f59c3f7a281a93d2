// What operators and their probes ask: alive, ready, metrics, version.
//
// /livez touches nothing: only a process that can not even say "ok" is to be killed. /readyz asks
// what the process needs, and says no at once when the process is about to end, so that no new
// work is sent to it.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/metrics.hpp"
#include "http/router.hpp"

namespace sequitur::http {

/// `failing` returns why it is not ready; it must not take longer than 2 s. May throw.
struct ReadyCheck {
    std::string name;
    std::function<std::optional<std::string>()> failing;
};

struct BuildInfo {
    std::string version;
    std::string commit;
};

class SystemApi {
public:
    /// Also registers sequitur_build_info.
    SystemApi(metrics::Registry& metrics, std::vector<ReadyCheck> checks, const BuildInfo& build);
    void add_to(Router& router);

    /// From now on /readyz is 503. Thread-safe.
    void begin_drain() { draining_ = true; }

private:
    Response ready() const;

    metrics::Registry& metrics_;
    std::vector<ReadyCheck> checks_;
    BuildInfo build_;
    std::atomic<bool> draining_{false};
};

}  // namespace sequitur::http
