// Rows of `email_events` for what did not happen in an attempt.
#pragma once

#include "domain/ports/event_log.hpp"
#include "pg/pool.hpp"

namespace sequitur::store {

class EventStore final : public domain::EventLog {
public:
    explicit EventStore(pg::Pool& pool) : pool_(pool) {}

    domain::EventsRecorded record(std::span<const domain::EmailEvent> events, std::string_view group,
                                  const std::vector<domain::InboxEntry>& inbox) override;

private:
    pg::Pool& pool_;
};

}  // namespace sequitur::store
