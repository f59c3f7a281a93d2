// The embedded bus's own settings. The times are those of protocol §6; tests shorten them.
#pragma once

#include <chrono>
#include <string>

#include "base/clock.hpp"

namespace sequitur::bus {

struct PostgresBusConfig {
    std::string database_url;
    int partitions = 8;  ///< of each topic; may grow, never shrinks. Dead letters have one

    Duration heartbeat = std::chrono::seconds{1};
    Duration heard = std::chrono::seconds{3};  ///< members silent for longer count for no share
    Duration trust = std::chrono::seconds{6};  ///< a member silent for longer treats its partitions as lost
    Duration lease = std::chrono::seconds{7};  ///< and after this others may take them
    Duration max_poll = std::chrono::seconds{60};
    Duration look_anyway = std::chrono::milliseconds{500};  ///< a notification may be lost
    Duration announce_gap = std::chrono::milliseconds{10};

    /// Throws std::invalid_argument that names what does not fit together.
    void check() const;
};

}  // namespace sequitur::bus
