// What /readyz answers: ready, or why not.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/roles.hpp"
#include "base/guarded.hpp"

namespace sequitur::app {

/// Thread-safe.
class Readiness {
public:
    /// `role` outlives the questions.
    void watch(const Role& role);
    /// Not ready from here on, whatever the roles say.
    void refuse(const std::string& why);
    /// Empty: ready.
    std::vector<std::string> troubles() const;

private:
    struct State {
        std::vector<const Role*> roles;
        std::optional<std::string> refusal;
    };
    Guarded<State> state_;
};

}  // namespace sequitur::app
