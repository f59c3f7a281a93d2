// Hosts that are this machine by their spelling alone; nothing is looked up.
#pragma once

#include <string_view>

namespace sequitur::domain {

/// "localhost", 127.0.0.0/8, ::1.
bool is_loopback_host(std::string_view host);

}  // namespace sequitur::domain
