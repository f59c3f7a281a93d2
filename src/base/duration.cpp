#include "base/duration.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace sequitur {

namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units{
    {{"ms", 1'000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}, {"d", 86'400'000'000}}};

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc{}) return std::nullopt;
    const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
    for (const auto& [name, us] : units) {
        const double length = number * static_cast<double>(us);
        if (unit == name && length < 9e18) return Duration{std::llround(length)};
    }
    return std::nullopt;
}

std::string duration_text(Duration length) {
    for (auto unit = units.rbegin(); unit != units.rend(); ++unit) {
        if (length.count() != 0 && length.count() % unit->second == 0)
            return std::to_string(length.count() / unit->second) + std::string{unit->first};
    }
    return length.count() == 0 ? "0s" : std::to_string(length.count() / 1'000) + "ms";
}

}  // namespace sequitur
