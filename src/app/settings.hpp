// Every setting there is, in one table: name, kind, default, and what it does in words.
//
// A name is `section.key`; the environment spells it SEQUITUR_SECTION__KEY, the file [section] key.
// `sequitur config print` prints this table with the values in force. Beside it there is one family of names:
// kafka.properties.NAME, where NAME is librdkafka's.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sequitur::app {

enum class Kind {
    text,
    secret,    ///< never printed; NAME_FILE may name a file that holds it
    path,
    duration,  ///< a number and a unit, above zero
    number,    ///< within min..max
    choice,    ///< one of `choices`, separated by '|'
    list,      ///< words separated by commas; in the file an array
};

struct Setting {
    std::string_view key;
    Kind kind{};
    std::string_view fallback;
    std::string_view help;
    std::string_view choices = {};
    long min = 0;
    long max = 0;
};

std::span<const Setting> settings();
/// nullptr: there is no such setting. All names of the family share two: of what may be printed, and of secrets.
const Setting* find_setting(std::string_view key);

constexpr std::string_view kafka_property_prefix = "kafka.properties.";
/// "producer.interval" → "SEQUITUR_PRODUCER__INTERVAL".
std::string environment_name(std::string_view key);
/// The other way round; nullopt: it names no setting.
std::optional<std::string> key_of_environment(std::string_view name);
/// " did you mean `…`?" for a wrong key, or nothing.
std::string suggestion_for(std::string_view key);

/// What is wrong with this text as a value; empty = nothing.
std::string problem_of(const Setting& setting, std::string_view text);

}  // namespace sequitur::app
