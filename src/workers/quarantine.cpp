#include "workers/quarantine.hpp"

#include "base/log.hpp"

namespace sequitur::workers {

void quarantine(domain::MessageBus& bus, const domain::BusRecord& record, std::string_view group,
                std::string_view reason, TimePoint now) {
    const auto letter = domain::dead_letter(record, group, reason, now);
    bus.publish({&letter, 1});
    log::warn("record set aside", {{"topic", record.topic},
                                   {"partition", record.partition},
                                   {"offset", record.offset},
                                   {"group", group},
                                   {"reason", reason}});
}

}  // namespace sequitur::workers
