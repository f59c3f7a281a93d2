#include "app/config_sources.hpp"

#include <toml++/toml.h>

#include <fstream>
#include <sstream>

#include "base/nearest.hpp"

namespace sequitur::app {

namespace {

constexpr std::string_view prefix = "SEQUITUR_";
constexpr std::string_view file_suffix = "_FILE";

// Names of the project's scripts and tests, which are no settings.
bool is_exempt(std::string_view name) {
    for (const std::string_view exact : {"SEQUITUR_FAULT", "SEQUITUR_BIN", "SEQUITUR_SOURCE_DIR"})
        if (name == exact) return true;
    return name.starts_with("SEQUITUR_TEST_") || name.starts_with("SEQUITUR_PG_");
}

std::string nearest_environment_name(std::string_view name) {
    std::vector<std::string> names;
    for (const auto& setting : settings()) names.push_back(environment_name(setting.key));
    const std::vector<std::string_view> views{names.begin(), names.end()};
    return std::string{nearest(name, views)};
}

std::optional<std::string> first_line(const std::string& path) {
    std::ifstream file{path};
    std::string line;
    if (!file || !std::getline(file, line)) return std::nullopt;
    return line;
}

/// Of a variable that names a file which holds a secret.
std::optional<std::string> secret_of_file_variable(std::string_view name) {
    if (!name.ends_with(file_suffix)) return std::nullopt;
    auto key = key_of_environment(name.substr(0, name.size() - file_suffix.size()));
    return key && find_setting(*key)->kind == Kind::secret ? key : std::nullopt;
}

void read_variable(const std::string& name, const std::string& text, Reading& reading) {
    if (const auto secret = secret_of_file_variable(name)) {
        if (const auto line = first_line(text))
            reading.given.push_back({*secret, *line, name});
        else
            reading.problems.push_back(name + ": can not read " + text);
        return;
    }
    if (const auto key = key_of_environment(name)) {
        reading.given.push_back({*key, text, name});
        return;
    }
    const auto meant = nearest_environment_name(name);
    // Without the double underscore it may belong to somebody else: only a near miss is refused.
    if (name.find("__") == std::string::npos && meant.empty()) return;
    reading.problems.push_back("unknown setting " + name + (meant.empty() ? "" : "; did you mean " + meant + "?"));
}

std::string text_of(const toml::node& node) {
    if (const auto* array = node.as_array()) {
        std::string words;
        for (const auto& element : *array) words += (words.empty() ? "" : ",") + text_of(element);
        return words;
    }
    if (const auto text = node.value<std::string>()) return *text;
    std::ostringstream out;
    node.visit([&](const auto& value) { out << value; });
    return out.str();
}

/// Tables in a section are names with dots: [kafka.properties].
void read_table(const std::string& path, const std::string& section, const toml::table& keys, Reading& reading) {
    for (const auto& [key, node] : keys) {
        const auto name = section + std::string{key.str()};
        const auto place = path + ":" + std::to_string(node.source().begin.line);
        if (const auto* table = node.as_table())
            read_table(path, name + ".", *table, reading);
        else if (find_setting(name))
            reading.given.push_back({name, text_of(node), place});
        else
            reading.problems.push_back(place + ": unknown setting " + name + suggestion_for(name));
    }
}

}  // namespace

Reading read_flags(const NamedTexts& flags) {
    Reading reading;
    for (const auto& [key, text] : flags) {
        const auto* setting = find_setting(key);
        const auto flag = "--" + key;
        if (!setting)
            reading.problems.push_back("unknown setting " + flag + suggestion_for(key));
        else if (setting->kind == Kind::secret)
            reading.problems.push_back(flag + ": others can see a command line; set " + environment_name(key) + " or " +
                                       environment_name(key) + std::string{file_suffix} + " instead");
        else
            reading.given.push_back({key, text, flag});
    }
    return reading;
}

Reading read_environment(const NamedTexts& environment) {
    Reading reading;
    for (const auto& [name, text] : environment)
        if (name.starts_with(prefix) && !is_exempt(name)) read_variable(name, text, reading);
    return reading;
}

Reading read_file(const std::string& path) {
    Reading reading;
    try {
        const auto root = toml::parse_file(path);
        for (const auto& [section, content] : root) {
            const auto* keys = content.as_table();
            if (!keys) {
                reading.problems.push_back(path + ": " + std::string{section.str()} + " stands outside of a [section]");
                continue;
            }
            read_table(path, std::string{section.str()} + ".", *keys, reading);
        }
    } catch (const toml::parse_error& error) {
        std::ostringstream words;
        words << path << ":" << error.source().begin.line << ": " << error.description();
        reading.problems.push_back(words.str());
    }
    return reading;
}

}  // namespace sequitur::app
