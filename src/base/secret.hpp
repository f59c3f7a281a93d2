// A secret cannot be printed by accident: no stream operator, no formatter, wiped when it ends.
#pragma once

#include <string>
#include <utility>

namespace sequitur {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    Secret(const Secret&) = default;
    Secret(Secret&&) noexcept = default;
    Secret& operator=(const Secret&) = default;
    Secret& operator=(Secret&&) noexcept = default;
    ~Secret() {
        for (volatile char* p = value_.data(); p != value_.data() + value_.size(); ++p) *p = 0;
    }

    /// For the one place that hands it to a peer.
    const std::string& reveal() const { return value_; }
    bool empty() const { return value_.empty(); }

private:
    std::string value_;
};

}  // namespace sequitur
