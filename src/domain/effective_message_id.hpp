// The Message-ID that a mail has when it arrives, where the provider puts its own in place of ours. Amazon SES does,
// and tells it in its answer to the dot: `250 Ok TOKEN` (drewblas/aws-ses #68, Amazon's page on header fields).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/delivery.hpp"

namespace sequitur::domain {

/// With its brackets; nullopt: ours stays.
std::optional<std::string> effective_message_id(std::string_view smtp_host, const SmtpReply& reply);

}  // namespace sequitur::domain
