#include "store/gauges.hpp"

#include "store/sql.hpp"

namespace sequitur::store {

Gauges read_gauges(pg::Pool& pool) {
    auto connection = pool.lease();
    const auto result = connection->exec(sql::gauges);
    auto row = result.row(0);
    Gauges gauges;
    gauges.oldest_due_seconds = row.next<double>();
    gauges.outbox_unpublished = row.next<std::int64_t>();
    return gauges;
}

}  // namespace sequitur::store
