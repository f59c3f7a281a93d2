// `sequitur config print`: every setting in force, where it comes from, what it does.
#include <fmt/format.h>

#include "app/commands.hpp"
#include "app/exit_code.hpp"

namespace sequitur::app {

namespace {

// A URI is shown without its password; any other secret not at all.
std::string masked(const std::string& secret) {
    const auto scheme = secret.find("://");
    if (scheme == std::string::npos) return secret.empty() ? "" : "***";
    const auto authority = scheme + 3;
    const auto query = secret.find('?');
    const auto at = secret.substr(0, secret.find('/', authority)).rfind('@');
    const auto shown = secret.substr(0, query);
    if (at == std::string::npos) return shown;
    const auto colon = shown.find(':', authority);
    return colon < at ? shown.substr(0, colon) + ":***" + shown.substr(at) : shown;
}

}  // namespace

int print_config(const Config& config) {
    std::string section;
    for (const auto& [key, setting, value] : config.all()) {
        const auto dot = key.find('.');
        if (const auto name = key.substr(0, dot); name != section) {
            fmt::print("{}[{}]\n", section.empty() ? "" : "\n", name);
            section = name;
        }
        const auto text = setting.kind == Kind::secret ? masked(value.text) : value.text;
        const auto line = fmt::format("{} = \"{}\"", key.substr(dot + 1), text);
        fmt::print("{:<44} # {} ({})\n", line, setting.help, value.source);
    }
    return done;
}

}  // namespace sequitur::app
