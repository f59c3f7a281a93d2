// librdkafka's C objects with an owner each, and what all its handles have in common: settings, log.
#pragma once

#include <librdkafka/rdkafka.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bus/kafka_config.hpp"
#include "domain/ports/message_bus.hpp"

namespace sequitur::bus {

template <auto destroy> struct Destroyer {
    void operator()(auto* object) const { destroy(object); }
};
template <class T, auto destroy> using Owned = std::unique_ptr<T, Destroyer<destroy>>;

using KafkaConf = Owned<rd_kafka_conf_t, rd_kafka_conf_destroy>;
using KafkaTopic = Owned<rd_kafka_topic_t, rd_kafka_topic_destroy>;
using KafkaQueue = Owned<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using KafkaEvent = Owned<rd_kafka_event_t, rd_kafka_event_destroy>;
using KafkaMessage = Owned<rd_kafka_message_t, rd_kafka_message_destroy>;
using KafkaError = Owned<rd_kafka_error_t, rd_kafka_error_destroy>;
using KafkaPartitions = Owned<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;
using KafkaMetadata = Owned<const struct rd_kafka_metadata, rd_kafka_metadata_destroy>;
using KafkaHandle = Owned<rd_kafka_t, rd_kafka_destroy>;

/// The user's properties, then ours. Throws std::invalid_argument that names the property.
KafkaConf kafka_conf(const KafkaBusConfig& config,
                     std::initializer_list<std::pair<const char*, std::string>> own_settings);

/// Takes the settings. Throws std::invalid_argument for those that do not fit together.
KafkaHandle kafka_handle(rd_kafka_type_t type, KafkaConf conf);

/// What the brokers say of one topic; it has one entry. Throws BusError when they do not answer.
KafkaMetadata kafka_metadata(rd_kafka_t* handle, rd_kafka_topic_t* topic, Duration wait);

/// As librdkafka wants times: whole milliseconds.
std::string in_ms(Duration length);
int to_ms(Duration length);

/// The topic, or the partition, is not there.
struct TopicMissing : domain::BusError {
    using BusError::BusError;
};

/// Throws domain::BusError (TopicMissing where that is why): what was tried, and why it failed.
[[noreturn]] void bus_error(std::string_view what, rd_kafka_resp_err_t error);

}  // namespace sequitur::bus
