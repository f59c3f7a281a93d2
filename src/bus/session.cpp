#include "bus/session.hpp"

#include "domain/ports/message_bus.hpp"

namespace sequitur::bus {

namespace {

/// The planner must not choose: a plan cached while a log table was empty (just truncated) is a
/// sequential scan, and stays one while the table grows.
std::vector<std::string> settings(Durability durability) {
    return {"SET enable_seqscan = off", "SET enable_bitmapscan = off", "SET plan_cache_mode = force_generic_plan",
            "SET idle_in_transaction_session_timeout = '5s'",
            durability == Durability::now ? "SET synchronous_commit = on" : "SET synchronous_commit = off"};
}

}  // namespace

Session::Session(std::string url, Durability durability) : url_(std::move(url)), settings_(settings(durability)) {}

pg::Result Session::exec(const pg::Statement& statement, const pg::Params& params) {
    const std::scoped_lock lock{mutex_};
    try {
        if (!connection_) connection_.emplace(url_, settings_);
        return connection_->exec(statement, params);
    } catch (const pg::Error& error) {
        if (error.connection_lost) connection_.reset();
        throw domain::BusError{"bus " + std::string{statement.name} + ": " + error.what()};
    }
}

}  // namespace sequitur::bus
