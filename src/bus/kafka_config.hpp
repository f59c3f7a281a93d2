// The Kafka bus's own settings. The times are those of protocol §6; tests shorten them.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace sequitur::bus {

struct KafkaBusConfig {
    std::string brokers;      ///< HOST:PORT, separated by commas
    std::string prefix = {};  ///< before the names of topics and groups, where a cluster is shared
    /// Of topics that are made; those that exist are left alone.
    int partitions = 8;
    int replication = 0;  ///< copies of each topic; 0: as the brokers do by default
    Duration retention = std::chrono::days{7};
    Duration retention_events = std::chrono::days{30};  ///< of email-events and of dead letters
    /// librdkafka's own names, such as sasl.username. What the contract depends on is refused.
    std::vector<std::pair<std::string, std::string>> properties = {};

    Duration session = std::chrono::seconds{10};  ///< a member silent for longer is replaced
    Duration heartbeat = std::chrono::seconds{1};
    Duration trust = std::chrono::seconds{6};  ///< a member silent for longer treats its partitions as lost
    Duration max_poll = std::chrono::seconds{60};
    /// What is known of a topic's partitions may be as old as this.
    Duration partitions_age = std::chrono::seconds{5};
    Duration publish_wait = std::chrono::seconds{10};  ///< for the brokers' acknowledgement
    Duration answer_wait = std::chrono::seconds{5};    ///< for any other answer

    /// Throws std::invalid_argument that names the setting and the remedy.
    void check() const;
};

}  // namespace sequitur::bus
