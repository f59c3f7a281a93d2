#include "app/roles.hpp"

#include <algorithm>
#include <array>

#include "base/nearest.hpp"

namespace sequitur::app {

namespace {

constexpr std::array<std::string_view, 8> names{"api",      "producer", "relay",    "sender",
                                                "followup", "retry",    "recorder", "janitor"};

[[noreturn]] void refuse(const std::string& word) {
    if (word == "inbox") throw ConfigError("serve.roles: the role inbox comes in a later version");
    const auto meant = nearest(word, names);
    throw ConfigError("serve.roles: there is no role '" + word + "'" +
                      (meant.empty() ? "" : "; did you mean " + std::string{meant} + "?"));
}

}  // namespace

std::string_view name(RoleName role) { return names[static_cast<std::size_t>(role)]; }

std::vector<RoleName> roles_of(const Config& config) {
    std::array<bool, names.size()> wanted{};
    for (const auto& word : config.list("serve.roles")) {
        const auto found = std::ranges::find(names, word);
        if (word == "all")
            wanted.fill(true);
        else if (found == names.end())
            refuse(word);
        else
            wanted[static_cast<std::size_t>(found - names.begin())] = true;
    }
    std::vector<RoleName> roles;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (wanted[i]) roles.push_back(static_cast<RoleName>(i));
    if (roles.empty()) throw ConfigError("serve.roles names no role");
    return roles;
}

}  // namespace sequitur::app
