// Repeats a whole transaction that the server gave up for reasons of its own: deadlock,
// serialization failure, lock timeout.
#pragma once

#include "pg/error.hpp"

namespace sequitur::pg {

/// At most `attempts` (≥ 1) calls of `work`; the last error is thrown.
auto with_retry(int attempts, auto&& work) -> decltype(work()) {
    for (int tried = 1;; ++tried) {
        try {
            return work();
        } catch (const Error& error) {
            if (!error.is_retryable() || tried >= attempts) throw;
        }
    }
}

}  // namespace sequitur::pg
