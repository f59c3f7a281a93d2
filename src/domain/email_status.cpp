#include "domain/email_status.hpp"

#include <algorithm>
#include <array>

namespace sequitur::domain {

namespace {

constexpr std::array<std::string_view, 10> names{"scheduled",         "queued", "sending", "sent",         "failed",
                                                 "permanent_failure", "held",   "unknown", "assumed_sent", "cancelled"};

}  // namespace

std::string_view name(EmailStatus status) { return names.at(static_cast<std::size_t>(status)); }

std::optional<EmailStatus> email_status(std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<EmailStatus>(found - names.begin());
}

}  // namespace sequitur::domain
