// A message of Kafka's as a record of ours: the key is the slot, the header `id` the id.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>

#include "domain/ports/message_bus.hpp"

namespace sequitur::bus {

/// `topic` without the prefix. What a stranger's tool left out is made up: a record is judged by its payload.
domain::BusRecord bus_record(const rd_kafka_message_t& message, const std::string& topic);

}  // namespace sequitur::bus
