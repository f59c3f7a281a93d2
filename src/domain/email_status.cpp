#include "domain/email_status.hpp"

#include <array>

namespace sequitur::domain {

namespace {

constexpr std::array<std::string_view, 10> names{"scheduled",         "queued", "sending", "sent",         "failed",
                                                 "permanent_failure", "held",   "unknown", "assumed_sent", "cancelled"};

}  // namespace

std::string_view name(EmailStatus status) { return names.at(static_cast<std::size_t>(status)); }

}  // namespace sequitur::domain
