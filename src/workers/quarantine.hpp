// What nobody can process is set aside: published to `<topic>.dlq` with its coordinates and the
// reason. Only then may the record's offset be committed. It may happen twice to the same record.
#pragma once

#include <string_view>

#include "domain/ports/message_bus.hpp"

namespace sequitur::workers {

/// Durable when it returns. Throws BusError.
void quarantine(domain::MessageBus& bus, const domain::BusRecord& record, std::string_view group,
                std::string_view reason, TimePoint now);

}  // namespace sequitur::workers
