// Logs are JSON objects, one a line, on stderr: a constant message and fields.
//
// info = an operator could act or count; debug = a developer is looking; error = someone must act.
// Never passwords, tokens or bodies.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace sequitur::log {

enum class Level { debug, info, warn, error };

using Value = std::variant<std::string, std::int64_t, double, bool>;

struct Field {
    std::string_view name;
    Value value;

    Field(std::string_view n, std::string_view v) : name(n), value(std::string{v}) {}
    Field(std::string_view n, const char* v) : name(n), value(std::string{v}) {}
    Field(std::string_view n, const std::string& v) : name(n), value(v) {}
    Field(std::string_view n, bool v) : name(n), value(v) {}
    Field(std::string_view n, double v) : name(n), value(v) {}
    template <std::integral T> Field(std::string_view n, T v) : name(n), value(static_cast<std::int64_t>(v)) {}
};

/// Lines below this level are dropped. Thread-safe.
void set_level(Level level);

/// Whether lines of this level are written: for a line that costs something to put together. Thread-safe.
bool is_enabled(Level level);

void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

inline void debug(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::debug, m, f); }
inline void info(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::info, m, f); }
inline void warn(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::warn, m, f); }
inline void error(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::error, m, f); }

/// `text` as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
std::string json_quote(std::string_view text);
/// The same behind what is in `out`.
void append_json_quoted(std::string& out, std::string_view text);

}  // namespace sequitur::log
