#include "app/arguments.hpp"

namespace sequitur::app {

namespace {

// `--section.key` or `--config`; a dot behind the `=` is part of a value.
bool is_setting(const std::string& argument) {
    const auto name = argument.substr(0, argument.find('='));
    return name == "--config" || (name.starts_with("--") && name.find('.') != std::string::npos);
}

}  // namespace

Arguments split_arguments(const std::vector<std::string>& arguments) {
    Arguments split;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto& argument = arguments[i];
        if (!is_setting(argument)) {
            split.rest.push_back(argument);
            continue;
        }
        const auto equals = argument.find('=');
        const auto name = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
        if (equals == std::string::npos && i + 1 == arguments.size()) throw ConfigError("--" + name + " needs a value");
        auto text = equals == std::string::npos ? arguments[++i] : argument.substr(equals + 1);
        if (name == "config")
            split.config_file = std::move(text);
        else
            split.settings.emplace_back(name, std::move(text));
    }
    return split;
}

}  // namespace sequitur::app
