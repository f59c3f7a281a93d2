// Why a process can not do its work, by its roles: part of what /readyz answers.
#pragma once

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
    /// Empty: ready.
    std::vector<std::string> troubles() const;

private:
    Guarded<std::vector<const Role*>> roles_;
};

}  // namespace sequitur::app
