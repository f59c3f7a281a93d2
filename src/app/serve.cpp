// `sequitur serve`: opens what the roles need, starts them, and drains them when it is told to stop.

#include "app/commands.hpp"
#include "app/database.hpp"
#include "app/exit_code.hpp"
#include "app/part_configs.hpp"
#include "app/process.hpp"
#include "app/readiness.hpp"
#include "app/wiring.hpp"
#include "base/log.hpp"
#include "http/server.hpp"

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

std::vector<http::ReadyCheck> ready_checks(Engine& engine, const Readiness& readiness) {
    const auto schema = [&engine]() -> std::optional<std::string> {
        require_schema(*engine.api.lease());
        return std::nullopt;
    };
    const auto roles = [&readiness]() -> std::optional<std::string> {
        std::string all;
        for (const auto& trouble : readiness.troubles()) all += (all.empty() ? "" : "; ") + trouble;
        return all.empty() ? std::nullopt : std::optional{all};
    };
    return {{"database", schema}, {"roles", roles}};
}

/// The listener of `metrics.listen`; nullptr where it is not set.
std::unique_ptr<http::Server> probes(Engine& engine, const http::Router& router) {
    const auto config = probes_config(engine.config);
    if (!config) return nullptr;
    auto server = std::make_unique<http::Server>(*config, router, engine.clock, engine.metrics);
    log::info("metrics", {{"address", config->listen}, {"port", server->port()}});
    return server;
}

// The API ends last: until then /readyz says 503 and running calls get their answers.
void drain(http::SystemApi& system, std::vector<std::unique_ptr<Role>>& roles) {
    system.begin_drain();
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
    http::SystemApi system{
        engine->metrics, ready_checks(*engine, readiness), {.version = SEQUITUR_VERSION, .commit = ""}};
    std::vector<std::unique_ptr<Role>> roles;
    for (const auto name : names) roles.push_back(wire(name, *engine, system));
    http::Router probe_routes;
    system.add_to(probe_routes);
    const auto probe_server = probes(*engine, probe_routes);
    for (const auto& role : roles) {
        readiness.watch(*role);
        role->start();
    }
    log::info("serving", {{"roles", joined(names)}, {"version", SEQUITUR_VERSION}});
    signals.wait();
    drain(system, roles);
    log::info("stopped");
    return done;
}

}  // namespace sequitur::app
