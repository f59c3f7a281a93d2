#include "store/migrator.hpp"

#include <sodium.h>

#include <algorithm>
#include <cassert>
#include <map>

#include "pg/transaction.hpp"

namespace sequitur::store {

namespace {

// Not among the .sql files: these run before there is a schema.
constexpr std::string_view create_table = R"(
CREATE TABLE IF NOT EXISTS schema_migrations (
  number     integer PRIMARY KEY,
  name       text NOT NULL,
  checksum   text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
))";
/// The number is arbitrary; every version of the program must use the same.
constexpr std::string_view lock = "SELECT pg_advisory_xact_lock(7310245711)";
constexpr std::string_view table_exists = "SELECT to_regclass('schema_migrations') IS NOT NULL";
constexpr std::string_view read = "SELECT number, name, checksum, applied_at FROM schema_migrations ORDER BY number";
constexpr std::string_view insert = "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)";

std::string checksum_of(std::string_view text) {
    unsigned char hash[crypto_generichash_BYTES];
    crypto_generichash(hash, sizeof hash, reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
    char digits[2 * sizeof hash + 1];
    return sodium_bin2hex(digits, sizeof digits, hash, sizeof hash);
}

struct Applied {
    std::string name;
    std::string checksum;
    TimePoint at;
};

std::map<int, Applied> applied_migrations(pg::Connection& connection) {
    std::map<int, Applied> applied;
    if (!connection.query(table_exists).get<bool>(0, 0)) return applied;
    const auto result = connection.query(read);
    for (int i = 0; i < result.rows(); ++i) {
        auto row = result.row(i);
        const auto number = row.next<int>();
        applied[number] = {row.next<std::string>(), row.next<std::string>(), row.next<TimePoint>()};
    }
    return applied;
}

std::string title(int number, const std::string& name) { return std::to_string(number) + " (" + name + ")"; }

}  // namespace

Migrator::Migrator(pg::Connection& connection, std::span<const EmbeddedMigration> migrations)
    : connection_(connection) {
    for (const auto& [file, text] : migrations) {
        const auto underscore = file.find('_');
        assert(underscore != std::string_view::npos && file.ends_with(".sql"));
        const auto name = file.substr(underscore + 1, file.size() - underscore - 1 - std::string_view{".sql"}.size());
        migrations_.push_back(
            {{std::stoi(std::string{file.substr(0, underscore)}), std::string{name}, text}, checksum_of(text)});
    }
    assert(
        std::ranges::is_sorted(migrations_, std::ranges::less_equal{}, [](const auto& m) { return m.planned.number; }));
}

std::vector<MigrationStatus> Migrator::status() {
    auto applied = applied_migrations(connection_);
    std::vector<MigrationStatus> all;
    for (const auto& [planned, checksum] : migrations_) {
        const auto found = applied.extract(planned.number);
        if (!found) {
            all.push_back({planned.number, planned.name, std::nullopt});
            continue;
        }
        if (found.mapped().checksum != checksum)
            throw MigrationError("migration " + title(planned.number, planned.name) +
                                 " was edited after it had been applied to this database; restore its text and put "
                                 "the change into a new migration");
        all.push_back({planned.number, planned.name, found.mapped().at});
    }
    if (!applied.empty())
        throw MigrationError("this database has migration " +
                             title(applied.rbegin()->first, applied.rbegin()->second.name) +
                             ", which this program does not know: it was migrated by a newer version. Run that version "
                             "or a later one; there is no way back but a backup from before");
    return all;
}

std::vector<Migrator::Planned> Migrator::plan() {
    std::vector<Planned> pending;
    const auto all = status();
    for (std::size_t i = 0; i < all.size(); ++i)
        if (!all[i].applied_at) pending.push_back(migrations_[i].planned);
    return pending;
}

std::vector<Migrator::Planned> Migrator::up() {
    std::vector<Planned> applied;
    while (apply_next(applied)) {}
    return applied;
}

bool Migrator::apply_next(std::vector<Planned>& applied) {
    pg::Transaction transaction{connection_};
    connection_.query(lock);
    const auto pending = plan();
    if (pending.empty()) return false;
    const auto& next = pending.front();
    connection_.script(create_table);
    connection_.script(next.text);
    const auto migration = std::ranges::find(migrations_, next.number, [](const auto& m) { return m.planned.number; });
    connection_.query(insert, pg::Params{next.number, next.name, migration->checksum});
    transaction.commit();
    applied.push_back(next);
    return true;
}

}  // namespace sequitur::store
