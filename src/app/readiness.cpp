#include "app/readiness.hpp"

namespace sequitur::app {

void Readiness::watch(const Role& role) {
    roles_.with([&](auto& roles) { roles.push_back(&role); });
}

std::vector<std::string> Readiness::troubles() const {
    const auto roles = roles_.with([](const auto& watched) { return watched; });
    std::vector<std::string> troubles;
    for (const auto* role : roles)
        if (auto trouble = role->trouble()) troubles.push_back(std::move(*trouble));
    return troubles;
}

}  // namespace sequitur::app
