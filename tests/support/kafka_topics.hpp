// A corner of a real Kafka for one test: a prefix of its own before all topics and groups.
//
// The brokers are those of SEQUITUR_TEST_KAFKA (HOST:PORT,...); `./dev test` starts one.
#pragma once

#include <string>

#include "bus/kafka_config.hpp"

namespace sequitur::test {

/// Times as short as Kafka allows.
bus::KafkaBusConfig kafka_config(const std::string& prefix);

/// A prefix that nobody has.
std::string kafka_prefix();

/// As an operator would: the topic gets so many partitions, if it has fewer.
void grow_topic(const bus::KafkaBusConfig& config, const std::string& topic, int partitions);

/// Deletes the topics below the prefix.
void delete_topics(const bus::KafkaBusConfig& config);

}  // namespace sequitur::test
