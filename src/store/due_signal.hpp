// Tells the producers that mail may be due: those of this process by a callback, the others by NOTIFY. Only a hint,
// which they could do without: they look again by themselves.
#pragma once

#include <functional>

#include "pg/connection.hpp"

namespace sequitur::store {

class DueSignal {
public:
    /// `ring` wakes the producer of this process; thread-safe, does not block. May be empty.
    explicit DueSignal(std::function<void()> ring = {}) : ring_(std::move(ring)) {}

    /// After the commit. A lost connection is not the caller's failure: what it did is committed.
    void give(pg::Connection& connection) const;

private:
    std::function<void()> ring_;
};

}  // namespace sequitur::store
