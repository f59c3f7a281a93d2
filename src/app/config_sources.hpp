// The places where settings come from, each read into one shape. Unknown names are problems here,
// values are judged later.
#pragma once

#include <string>
#include <vector>

#include "app/config.hpp"

namespace sequitur::app {

struct Given {
    std::string key;
    std::string text;
    std::string source;
};

struct Reading {
    std::vector<Given> given;
    std::vector<std::string> problems;
};

Reading read_flags(const NamedTexts& flags);
Reading read_environment(const NamedTexts& environment);
Reading read_file(const std::string& path);

}  // namespace sequitur::app
