#include "base/log.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <ctime>

#include "base/byte_scan.hpp"
#include "base/clock.hpp"
#include "base/hex.hpp"
#include "base/match.hpp"

namespace sequitur::log {

namespace {

std::atomic<Level> lowest{Level::info};

constexpr std::array<std::string_view, 4> names{"debug", "info", "warn", "error"};

std::string timestamp() {
    const auto now = SystemClock{}.now();
    const auto us = now.time_since_epoch().count();
    const std::time_t seconds = us / 1'000'000;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    std::array<char, 40> text{};
    const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
    const auto fraction = std::to_string(1'000'000 + us % 1'000'000);
    return std::string{text.data(), length} + "." + fraction.substr(1) + "Z";
}

/// Length of the valid UTF-8 sequence that starts `text`, 0 if there is none.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::size_t length = byte(0) < 0x80 ? 1 : byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
    if (length == 1) return 1;
    if (byte(0) < 0xC2 || byte(0) > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0) != 0x80) return 0;
    if (byte(0) == 0xE0 && byte(1) < 0xA0) return 0;
    if (byte(0) == 0xED && byte(1) > 0x9F) return 0;
    if (byte(0) == 0xF0 && byte(1) < 0x90) return 0;
    if (byte(0) == 0xF4 && byte(1) > 0x8F) return 0;
    return length;
}

}  // namespace

void append_json_quoted(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const char c = text.front();
        const auto plain =
            scan::first(text, [](scan::Block block) { return (block < ' ') | (block == '"') | (block == '\\'); });
        if (plain > 0) {
            out += text.substr(0, plain);
            text.remove_prefix(plain);
            continue;
        }
        const auto length = utf8_length(text);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            std::array<char, 2> hex{};
            put_hex(hex.data(), static_cast<std::uint8_t>(c));
            out.append("\\u00").append(hex.data(), hex.size());
        } else if (length == 0) {
            out += "\xEF\xBF\xBD";
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    out += '"';
}

std::string json_quote(std::string_view text) {
    std::string out;
    append_json_quoted(out, text);
    return out;
}

void set_level(Level level) { lowest = level; }

bool is_enabled(Level level) { return level >= lowest.load(std::memory_order_relaxed); }

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
    if (!is_enabled(level)) return;
    std::string line = "{\"ts\":\"" + timestamp() + "\",\"level\":\"";
    line += names[static_cast<std::size_t>(level)];
    line += "\",\"msg\":" + json_quote(message);
    for (const auto& field : fields) {
        line += "," + json_quote(field.name) + ":";
        line += std::visit(
            match{[](const std::string& v) { return json_quote(v); }, [](std::int64_t v) { return std::to_string(v); },
                  [](double v) { return std::to_string(v); }, [](bool v) { return std::string{v ? "true" : "false"}; }},
            field.value);
    }
    line += "}\n";
    // One write a line, so lines of several threads and processes do not mix; a closed or full
    // stderr must never stop the mail.
    while (::write(STDERR_FILENO, line.data(), line.size()) < 0 && errno == EINTR) {}
}

}  // namespace sequitur::log
