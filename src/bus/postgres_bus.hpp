// The bus inside PostgreSQL: topics are partitioned log tables, partitions are leased with an epoch.
//
// No broker to install; any number of processes on one database. Three connections a process: one
// that publishes (durably), one for everything groups do, one that listens. Contract: protocol §6 and
// domain/ports/message_bus.hpp; why the SQL is as it is: db/migrations/0002_bus.sql.
#pragma once

#include "bus/config.hpp"
#include "bus/publisher.hpp"
#include "bus/pulse.hpp"
#include "bus/session.hpp"
#include "domain/ports/message_bus.hpp"
#include "pg/listener.hpp"

namespace sequitur::bus {

/// Outlives its subscriptions. Works through outages of the database: calls throw BusError meanwhile.
class PostgresBus final : public domain::MessageBus {
public:
    /// Throws std::invalid_argument for settings that do not fit together; does not connect yet.
    PostgresBus(PostgresBusConfig config, const Clock& clock);

    /// Creates what is missing of topics and partitions. Once at start, after the migrations. Throws BusError.
    void ensure_topics();

    void publish(std::span<const domain::OutgoingRecord> records) override;
    std::unique_ptr<domain::Subscription> subscribe(std::string_view group, std::string_view topic) override;
    std::vector<Lag> lag() override;
    void tidy() override;

private:
    const PostgresBusConfig config_;
    const Clock& clock_;
    Session publishing_;
    Session working_;
    Publisher publisher_;
    Pulse pulse_;
    pg::Listener listener_;  ///< last: its callback uses the pulse
};

}  // namespace sequitur::bus
