// The roles of a process: which there are, which were asked for, and what one is while it runs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/config.hpp"

namespace sequitur::app {

enum class RoleName { api, producer, relay, sender, followup, retry, recorder, janitor };
std::string_view name(RoleName role);

/// From `serve.roles`, each once, in the order above. Throws ConfigError.
std::vector<RoleName> roles_of(const Config& config);

/// One role while it runs. The calls belong to one thread; `trouble` may be asked by any.
class Role {
public:
    virtual ~Role() = default;
    virtual void start() = 0;
    /// Takes no new work from here on.
    virtual void ask_to_stop() = 0;
    /// Returns when what it had begun is finished or given back.
    virtual void stop() = 0;
    /// Why it can not do its work now; nullopt = it can.
    virtual std::optional<std::string> trouble() const = 0;
};

}  // namespace sequitur::app
