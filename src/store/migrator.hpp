// Migrations: numbered SQL files in the binary, applied in order, forwards only.
//
// Each runs in one transaction of its own, under an advisory lock, so any number of processes may start at once
// and a second `up` does nothing. What was applied is remembered with its checksum (BLAKE2b-256): an edited
// migration is refused, and so is a database that a newer program has migrated.
#pragma once

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "pg/connection.hpp"
#include "store/migrations_embedded.hpp"

namespace sequitur::store {

/// The text says what to do.
struct MigrationError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct MigrationStatus {
    int number = 0;
    std::string name;
    std::optional<TimePoint> applied_at;  ///< unset: pending
};

class Migrator {
public:
    /// The files are named `0001_core.sql`: number and name.
    explicit Migrator(pg::Connection& connection, std::span<const EmbeddedMigration> migrations = embedded_migrations);

    /// All of them, in order. Writes nothing. Throws MigrationError where the database does not fit the program,
    /// pg::Error.
    std::vector<MigrationStatus> status();
    /// Those that up() would apply, with their text.
    struct Planned {
        int number = 0;
        std::string name;
        std::string_view text;
    };
    std::vector<Planned> plan();
    /// Applies what is pending; returns what was applied by this call. Throws as status() does.
    std::vector<Planned> up();

private:
    struct Migration {
        Planned planned;
        std::string checksum;
    };

    bool apply_next(std::vector<Planned>& applied);

    pg::Connection& connection_;
    std::vector<Migration> migrations_;
};

}  // namespace sequitur::store
