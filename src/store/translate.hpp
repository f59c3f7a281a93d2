// The border between libpq's errors and the ports' words: every port method of this floor runs its work inside
// `translated`, so nothing above knows pg::Error.
#pragma once

#include "pg/with_retry.hpp"

namespace sequitur::store {

/// Throws domain::StoreUnavailable where asking again can help (connection, shutdown, fail-over, full disk,
/// too many connections, a deadlock that outlived its repeats), domain::StoreRefused for the rest.
[[noreturn]] void throw_translated(const pg::Error& error);

auto translated(auto&& work) -> decltype(work()) {
    try {
        return work();
    } catch (const pg::Error& error) { throw_translated(error); }
}

/// For work that is one transaction, or may be begun anew as a whole: a deadlock or serialization failure is rolled
/// back and repeated (protocol §2).
auto as_transaction(auto&& work) -> decltype(work()) {
    constexpr int tries_max = 5;
    return translated([&] { return pg::with_retry(tries_max, work); });
}

}  // namespace sequitur::store
