// A connection that several threads of the bus take in turn; every statement is short and a
// transaction of its own. After a failure the next call connects anew.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "pg/connection.hpp"

namespace sequitur::bus {

/// Whether a commit waits for the disk. A publish must; of what groups do, only a taking, which asks for it itself.
enum class Durability { now, soon };

/// Thread-safe.
class Session {
public:
    /// Does not connect yet.
    Session(std::string url, Durability durability);

    /// Throws domain::BusError.
    pg::Result exec(const pg::Statement& statement, const pg::Params& params = {});

private:
    const std::string url_;
    const std::vector<std::string> settings_;
    std::mutex mutex_;
    std::optional<pg::Connection> connection_;
};

}  // namespace sequitur::bus
