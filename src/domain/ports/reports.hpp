// What came of the mails, counted. Thread-safe. Throws StoreUnavailable, StoreRefused.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"

namespace sequitur::domain {

/// Clicks on one link of one step, by the target that it had.
struct LinkClicks {
    int step_order = 0;
    int link = 0;  ///< its place in the step, from 0
    std::string url;
    std::int64_t human = 0;
    std::int64_t proxy = 0;
    std::int64_t machine = 0;
    std::int64_t people = 0;  ///< who clicked as a human, each once
};

class Reports {
public:
    virtual ~Reports() = default;
    /// By step and link, the most clicked target first, at most `rows_max`; nullopt: no such sequence.
    virtual std::optional<std::vector<LinkClicks>> links(const SequenceId& sequence, int rows_max) = 0;
};

}  // namespace sequitur::domain
