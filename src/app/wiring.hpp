// Who gets what: one short function a role. The only place that names concrete parts.
#pragma once

#include <memory>

#include "app/engine.hpp"
#include "app/roles.hpp"
#include "http/system_api.hpp"

namespace sequitur::app {

std::unique_ptr<Role> wire_api(Engine& engine, http::SystemApi& system);
std::unique_ptr<Role> wire_producer(Engine& engine);
std::unique_ptr<Role> wire_relay(Engine& engine);
std::unique_ptr<Role> wire_sender(Engine& engine);
std::unique_ptr<Role> wire_followup(Engine& engine);
std::unique_ptr<Role> wire_retry(Engine& engine);
std::unique_ptr<Role> wire_recorder(Engine& engine);
std::unique_ptr<Role> wire_janitor(Engine& engine);

std::unique_ptr<Role> wire(RoleName role, Engine& engine, http::SystemApi& system);

}  // namespace sequitur::app
