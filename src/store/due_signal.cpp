#include "store/due_signal.hpp"

#include "base/log.hpp"

namespace sequitur::store {

void DueSignal::give(pg::Connection& connection) const {
    if (ring_) ring_();
    try {
        // In a transaction of its own: a NOTIFY serialises the commits of those that carry one.
        connection.script("NOTIFY sequitur_due");
    } catch (const pg::Error& error) {
        log::debug("producers of other processes were not told", {{"error", error.what()}});
    }
}

}  // namespace sequitur::store
