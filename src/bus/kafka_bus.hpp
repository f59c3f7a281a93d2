// The bus on Apache Kafka, by librdkafka: for more than one machine, or where Kafka is there already.
//
// A record's key is its slot; the slot's partition is slot mod the partitions that the topic has now.
// Contract: protocol §6 and domain/ports/message_bus.hpp; settings: delivery.md §1e.
#pragma once

#include "bus/kafka_admin.hpp"
#include "bus/kafka_config.hpp"
#include "bus/kafka_producer.hpp"
#include "domain/ports/message_bus.hpp"

namespace sequitur::bus {

/// Outlives its subscriptions. Works through outages of the brokers: calls throw BusError meanwhile.
class KafkaBus final : public domain::MessageBus {
public:
    /// Throws std::invalid_argument for settings that do not fit; does not connect yet.
    explicit KafkaBus(KafkaBusConfig config);

    /// Makes the topics that are missing. At start; tidy() and a failed publish do it again. Throws BusError.
    void ensure_topics() { admin_.ensure_topics(); }

    void publish(std::span<const domain::OutgoingRecord> records) override;
    std::unique_ptr<domain::Subscription> subscribe(std::string_view group, std::string_view topic) override;
    std::vector<Lag> lag() override { return admin_.lag(); }
    void tidy() override { ensure_topics(); }

private:
    const KafkaBusConfig config_;
    KafkaAdmin admin_;
    KafkaProducer producer_;
};

}  // namespace sequitur::bus
