// Hits of tracking links on their way to the bus: kept on the disk of this machine first, so that whoever follows a
// link never waits for the database, and nothing that was answered is lost. Thread-safe.
#pragma once

#include <functional>
#include <vector>

#include "domain/messages.hpp"

namespace sequitur::domain {

class HitLog {
public:
    virtual ~HitLog() = default;
    /// Calls `then` once, from any thread: true when the event is durable and will be recorded, by this process or,
    /// if it dies, by another; false when the disk refuses it.
    virtual void keep(const EmailEvent& hit, std::function<void(bool kept)> then) = 0;
};

/// For one thread. What was kept, this process's and what dead ones left behind. Throws std::exception for a disk
/// that can not be read.
class HitBacklog {
public:
    virtual ~HitBacklog() = default;
    /// The oldest, at most `hits_max`; the same ones again until done().
    virtual std::vector<EmailEvent> take(std::size_t hits_max) = 0;
    /// Those of the last take() are on the bus.
    virtual void done() = 0;
};

}  // namespace sequitur::domain
