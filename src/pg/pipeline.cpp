#include "pg/pipeline.hpp"

#include <libpq-fe.h>

#include <stdexcept>
#include <utility>

#include "pg/bound_params.hpp"

namespace sequitur::pg {

void Pipeline::add(const Statement& statement, Params params) { steps_.push_back({statement, std::move(params)}); }

std::vector<Result> Pipeline::run() {
    const auto steps = std::exchange(steps_, {});
    if (steps.empty()) return {};
    if (connection_.in_transaction() && connection_.healthy())
        throw std::logic_error("a pipeline can not run inside an open transaction");
    for (const auto& step : steps) connection_.prepare(step.statement, step.params);
    send(steps);
    return receive(steps.size());
}

/// A failure to send means that the connection is gone: there is no pipeline mode left to leave.
void Pipeline::send(const std::vector<Step>& steps) {
    PGconn* raw = connection_.connection_.get();
    bool sent = PQenterPipelineMode(raw) == 1;
    for (const auto& step : steps) {
        if (!sent) break;
        const BoundParams bound{step.params};
        sent = PQsendQueryPrepared(raw, std::string{step.statement.name}.c_str(), step.params.size(),
                                   bound.values.data(), bound.lengths.data(), bound.formats.data(), 1) == 1;
    }
    if (sent && PQpipelineSync(raw) == 1) return;
    connection_.lost_ = true;
    connection_.fail(nullptr);
}

/// Each statement's results end with a null; an error turns those after it into PIPELINE_ABORTED.
/// What only fails at the commit (deferred constraints) comes in the place of the Sync.
std::vector<Result> Pipeline::receive(std::size_t steps) {
    PGconn* raw = connection_.connection_.get();
    std::vector<Result> results;
    Result failed{nullptr};
    bool ended = false;
    while (!ended && PQstatus(raw) == CONNECTION_OK) {
        Result result{PQgetResult(raw)};
        if (!result.raw()) continue;
        switch (PQresultStatus(result.raw())) {
            case PGRES_PIPELINE_SYNC: ended = true; break;
            case PGRES_PIPELINE_ABORTED: break;
            case PGRES_TUPLES_OK:
            case PGRES_COMMAND_OK:
            case PGRES_EMPTY_QUERY: results.push_back(std::move(result)); break;
            default:
                if (!failed.raw()) failed = std::move(result);
        }
    }
    if (!ended || PQexitPipelineMode(raw) == 0) connection_.lost_ = true;
    if (failed.raw() || connection_.lost_ || results.size() != steps) {
        auto error = error_of(raw, failed.raw());
        error.connection_lost = connection_.lost_ = connection_.lost_ || error.connection_lost;
        throw Error{error};
    }
    return results;
}

}  // namespace sequitur::pg
