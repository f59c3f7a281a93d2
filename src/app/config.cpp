#include "app/config.hpp"

#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <filesystem>

#include "app/config_sources.hpp"
#include "base/duration.hpp"

namespace sequitur::app {

namespace {

constexpr std::string_view last_before_kafka_properties = "kafka.retention_events";

std::string find_in(const NamedTexts& environment, std::string_view name) {
    const auto found = std::ranges::find(environment, name, &NamedTexts::value_type::first);
    return found == environment.end() ? "" : found->second;
}

// Where a service of this user keeps what must survive: systemd's answer, root's, or the XDG one.
std::string default_state(const NamedTexts& environment, const std::string& name) {
    if (const auto folder = find_in(environment, "STATE_DIRECTORY"); !folder.empty()) return folder + name;
    const auto home = find_in(environment, "HOME");
    if (::geteuid() == 0 || home.empty()) return "/var/lib/sequitur" + name;
    const auto state = find_in(environment, "XDG_STATE_HOME");
    return (state.empty() ? home + "/.local/state" : state) + "/sequitur" + name;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line;
    return text;
}

}  // namespace

Config Config::load(const ConfigSources& sources) {
    Config config;
    for (const auto& setting : settings())
        config.values_[std::string{setting.key}] = {std::string{setting.fallback}, "default"};
    config.values_["secrets.key_file"].text = default_state(sources.environment, "/master.key");
    config.values_["tracking.spool"].text = default_state(sources.environment, "/tracking");

    std::vector<std::string> problems;
    const auto take = [&](const Reading& reading) {
        problems.insert(problems.end(), reading.problems.begin(), reading.problems.end());
        for (const auto& given : reading.given) config.values_[given.key] = {given.text, given.source};
    };
    if (sources.file) take(read_file(*sources.file));
    take(read_environment(sources.environment));
    take(read_flags(sources.flags));

    for (const auto& setting : settings()) {
        const auto& value = config.value(setting.key);
        const auto problem = problem_of(setting, value.text);
        // A secret's text is not repeated, not even when it is wrong.
        if (!problem.empty())
            problems.push_back(std::string{setting.key} + " (" + value.source + ") " + problem +
                               (setting.kind == Kind::secret ? "" : ", not '" + value.text + "'"));
    }
    if (!problems.empty()) throw ConfigError(joined(problems));
    return config;
}

const Config::Value& Config::value(std::string_view key) const {
    const auto found = values_.find(key);
    assert(found != values_.end());
    return found->second;
}

const std::string& Config::text(std::string_view key) const { return value(key).text; }

Duration Config::duration(std::string_view key) const { return parse_duration(value(key).text).value(); }

int Config::number(std::string_view key) const { return std::stoi(value(key).text); }

std::vector<std::string> Config::list(std::string_view key) const {
    std::vector<std::string> words;
    std::string word;
    for (const char c : value(key).text + ",") {
        if (c == ' ') continue;
        if (c != ',') {
            word += c;
        } else if (!word.empty()) {
            words.push_back(std::exchange(word, {}));
        }
    }
    return words;
}

std::vector<Config::Line> Config::all() const {
    std::vector<Line> lines;
    for (const auto& setting : settings()) {
        lines.push_back({std::string{setting.key}, setting, value(setting.key)});
        if (setting.key != last_before_kafka_properties) continue;
        for (const auto& [key, given] : values_)
            if (key.starts_with(kafka_property_prefix)) lines.push_back({key, *find_setting(key), given});
    }
    return lines;
}

NamedTexts Config::kafka_properties() const {
    NamedTexts properties;
    for (const auto& [key, given] : values_)
        if (key.starts_with(kafka_property_prefix))
            properties.emplace_back(key.substr(kafka_property_prefix.size()), given.text);
    return properties;
}

NamedTexts process_environment() {
    NamedTexts all;
    for (char** line = environ; line && *line; ++line) {
        const std::string text = *line;
        const auto equals = text.find('=');
        if (equals != std::string::npos) all.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return all;
}

std::optional<std::string> default_config_file() {
    const std::string path = "/etc/sequitur/config.toml";
    std::error_code ignored;
    return std::filesystem::exists(path, ignored) ? std::optional{path} : std::nullopt;
}

}  // namespace sequitur::app
