// The configuration: flag, then environment, then file, then default. Checked once, at the door.
//
// Everything that is wrong is said at once, each with its place and, for an unknown name, the
// nearest known one. A value is read by its key; asking for a key that is not in the table is a
// bug of ours and ends the process.
#pragma once

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/settings.hpp"
#include "base/clock.hpp"

namespace sequitur::app {

/// One line for each thing that is wrong.
struct ConfigError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

struct ConfigSources {
    NamedTexts flags = {};                           ///< ("producer.interval", "1s")
    NamedTexts environment = {};                     ///< all of it; names that are not ours are passed over
    std::optional<std::string> file = std::nullopt;  ///< must exist
};

class Config {
public:
    /// Throws ConfigError.
    static Config load(const ConfigSources& sources);

    const std::string& text(std::string_view key) const;
    Duration duration(std::string_view key) const;
    int number(std::string_view key) const;
    std::vector<std::string> list(std::string_view key) const;

    struct Value {
        std::string text;
        std::string source;  ///< "default", "SEQUITUR_…", "--…", or the file
    };
    struct Line {
        std::string key;
        const Setting& setting;
        const Value& value;
    };
    /// In the table's order, each family of names at the end of its section.
    std::vector<Line> all() const;

    /// Of kafka.properties: librdkafka's name and the value.
    NamedTexts kafka_properties() const;

private:
    const Value& value(std::string_view key) const;

    std::map<std::string, Value, std::less<>> values_;
};

/// This process's environment.
NamedTexts process_environment();
/// /etc/sequitur/config.toml if it exists.
std::optional<std::string> default_config_file();

}  // namespace sequitur::app
