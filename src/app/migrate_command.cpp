// `sequitur migrate status|up|plan`.
#include <fmt/format.h>

#include "app/commands.hpp"
#include "app/database.hpp"
#include "app/exit_code.hpp"
#include "domain/messages.hpp"
#include "store/migrator.hpp"

namespace sequitur::app {

namespace {

int print_status(store::Migrator& migrator) {
    for (const auto& migration : migrator.status())
        fmt::print("{:04} {:24} {}\n", migration.number, migration.name,
                   migration.applied_at ? "applied " + domain::rfc3339(*migration.applied_at) : "pending");
    return done;
}

int print_plan(store::Migrator& migrator) {
    const auto planned = migrator.plan();
    for (const auto& migration : planned)
        fmt::print("-- {:04} {}\n{}\n", migration.number, migration.name, migration.text);
    if (planned.empty()) fmt::print("-- nothing to do\n");
    return done;
}

int apply(store::Migrator& migrator) {
    const auto applied = migrator.up();
    for (const auto& migration : applied) fmt::print("applied {:04} {}\n", migration.number, migration.name);
    if (applied.empty()) fmt::print("nothing to do: the schema is up to date\n");
    return done;
}

}  // namespace

int migrate(const Config& config, const std::string& act) {
    auto connection = wait_for_database(config.text("database.url"), config.duration("startup.wait"), {});
    store::Migrator migrator{connection};
    if (act == "status") return print_status(migrator);
    return act == "plan" ? print_plan(migrator) : apply(migrator);
}

}  // namespace sequitur::app
