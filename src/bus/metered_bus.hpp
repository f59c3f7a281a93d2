// Either bus, counted: records by topic and direction, calls that failed, partitions that moved.
//
// The metrics have Kafka's name on either bus, like the lag: whoever moves from one to the other keeps the dashboards.
#pragma once

#include "base/metrics.hpp"
#include "domain/ports/message_bus.hpp"

namespace sequitur::bus {

/// Outlives its subscriptions; borrows the registry.
class MeteredBus final : public domain::MessageBus {
public:
    MeteredBus(std::unique_ptr<domain::MessageBus> bus, metrics::Registry& registry);

    void publish(std::span<const domain::OutgoingRecord> records) override;
    std::unique_ptr<domain::Subscription> subscribe(std::string_view group, std::string_view topic) override;
    std::vector<Lag> lag() override;
    void tidy() override;

private:
    std::unique_ptr<domain::MessageBus> bus_;
    metrics::Family<metrics::Counter>& messages_;
    metrics::Family<metrics::Counter>& errors_;
    metrics::Counter& rebalances_;
};

}  // namespace sequitur::bus
