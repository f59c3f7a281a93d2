// What /metrics tells of the database, in one cheap question.
#pragma once

#include "pg/pool.hpp"

namespace sequitur::store {

struct Gauges {
    double oldest_due_seconds = 0;        ///< of the mail that could leave now; 0: none is due
    std::int64_t outbox_unpublished = 0;  ///< counted up to 100,000
};
/// Throws pg::Error.
Gauges read_gauges(pg::Pool& pool);

}  // namespace sequitur::store
