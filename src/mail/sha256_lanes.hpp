// Two SHA-256 at once, interleaved on one core (decision 0053): each of its steps waits for the one before, so the
// processor has room for a second message.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "mail/sha256.hpp"

namespace sequitur::mail {

/// nullopt: this build or this processor can not. Thread-safe; keeps 200 KB for each thread that calls it.
std::optional<std::pair<Sha256, Sha256>> sha256_in_lanes(std::string_view first, std::string_view second);

}  // namespace sequitur::mail
