// `sequitur serve`: opens what the roles need, starts them, and drains them when it is told to stop.
#include <algorithm>

#include "app/commands.hpp"
#include "app/database.hpp"
#include "app/exit_code.hpp"
#include "app/part_configs.hpp"
#include "app/process.hpp"
#include "app/readiness.hpp"
#include "app/wiring.hpp"
#include "base/log.hpp"

namespace sequitur::app {

namespace {

std::string joined(const std::vector<RoleName>& roles) {
    std::string text;
    for (const auto role : roles) text += (text.empty() ? "" : ",") + std::string{name(role)};
    return text;
}

/// Asks the schema and opens the secrets; a database that goes away meanwhile is waited for again.
std::unique_ptr<Engine> open_engine(const Config& config, const StopSignals& signals) {
    std::unique_ptr<Engine> engine;
    retry_until_there(config.duration("startup.wait"), signals.token(), [&] {
        pg::Connection connection{config.text("database.url")};
        require_schema(connection);
        engine = std::make_unique<Engine>(config, store::Secrets::open(config.text("secrets.key_file"), connection));
        engine->bus();
    });
    return engine;
}

// The API ends last: until then /readyz says 503 and running calls get their answers.
void drain(std::vector<std::unique_ptr<Role>>& roles) {
    for (const auto& role : roles) role->ask_to_stop();
    for (auto role = roles.rbegin(); role != roles.rend(); ++role) (*role)->stop();
}

}  // namespace

int serve(const Config& config) {
    const auto names = roles_of(config);
    check_parts(config, names);
    protect_process();
    const StopSignals signals;
    const auto engine = open_engine(config, signals);
    Readiness readiness;
    std::vector<std::unique_ptr<Role>> roles;
    for (const auto name : names) roles.push_back(wire(name, *engine, readiness));
    for (const auto& role : roles) {
        readiness.watch(*role);
        role->start();
    }
    log::info("serving", {{"roles", joined(names)}, {"version", SEQUITUR_VERSION}});
    signals.wait();
    drain(roles);
    log::info("stopped");
    return done;
}

}  // namespace sequitur::app
