// The command line, split in two: settings (`--section.key VALUE`, `--config FILE`), which every
// command takes, and the rest, which belongs to the command.
#pragma once

#include <string>
#include <vector>

#include "app/config.hpp"

namespace sequitur::app {

struct Arguments {
    NamedTexts settings;
    std::optional<std::string> config_file;
    std::vector<std::string> rest;  ///< without the program's name
};

/// Throws ConfigError for a setting without a value.
Arguments split_arguments(const std::vector<std::string>& arguments);

}  // namespace sequitur::app
