// Lengths of time as people write them in settings: a number and a unit, `ms s m h d`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace sequitur {

/// "500ms", "20m", "1.5h". A bare number, a sign or an unknown unit is nullopt.
std::optional<Duration> parse_duration(std::string_view text);
/// The shortest exact form: 90 s is "90s", 24 h is "1d".
std::string duration_text(Duration length);

}  // namespace sequitur
