// What Kafka is asked beside records: that our topics exist, and how far our groups are behind.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "bus/kafka_handle.hpp"
#include "domain/ports/message_bus.hpp"

namespace sequitur::bus {

/// The group's name at the brokers, where others may have groups too.
std::string kafka_group(const KafkaBusConfig& config, std::string_view group);

/// Thread-safe; one call at a time.
class KafkaAdmin {
public:
    /// Does not connect yet.
    explicit KafkaAdmin(const KafkaBusConfig& config) : config_(config) {}

    /// Makes the topics that are missing and waits until they can be used; others are left alone.
    /// Throws BusError.
    void ensure_topics();

    /// Of our groups on their topics. Throws BusError.
    std::vector<domain::MessageBus::Lag> lag();

private:
    struct Range {
        std::int64_t oldest = 0;
        std::int64_t next = 0;
    };

    rd_kafka_t* handle();
    /// 0: there is no such topic, or not all of its partitions have a leader.
    int partitions_of(const std::string& topic);
    void create(const std::vector<std::string>& topics);
    /// Of a partition that may be about to get a leader.
    Range range(const std::string& topic, int partition);
    void add_lag(std::string_view group, std::string_view topic, std::vector<domain::MessageBus::Lag>& lags);

    const KafkaBusConfig& config_;
    std::mutex mutex_;
    KafkaHandle handle_;
};

}  // namespace sequitur::bus
