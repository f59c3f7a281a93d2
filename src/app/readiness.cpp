#include "app/readiness.hpp"

namespace sequitur::app {

void Readiness::watch(const Role& role) {
    state_.with([&](State& state) { state.roles.push_back(&role); });
}

void Readiness::refuse(const std::string& why) {
    state_.with([&](State& state) { state.refusal = why; });
}

std::vector<std::string> Readiness::troubles() const {
    const auto state = state_.with([](const State& now) { return now; });
    std::vector<std::string> troubles;
    if (state.refusal) troubles.push_back(*state.refusal);
    for (const auto* role : state.roles)
        if (auto trouble = role->trouble()) troubles.push_back(std::move(*trouble));
    return troubles;
}

}  // namespace sequitur::app
