// One member of a group on one topic, as the subscription and the pulse both see it.
#pragma once

#include <atomic>
#include <string>

#include "base/ids.hpp"
#include "bus/bell.hpp"
#include "bus/topic_numbers.hpp"

namespace sequitur::bus {

struct Member {
    const std::string group;
    const TopicNumber topic;
    const Uuid id;
    Bell bell;
    std::atomic<SteadyTime> last_poll;
    /// When the last heartbeat that succeeded was begun: its lease can not have ended before.
    std::atomic<SteadyTime> heartbeat_began;
};

}  // namespace sequitur::bus
