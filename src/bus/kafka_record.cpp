#include "bus/kafka_record.hpp"

#include <algorithm>
#include <charconv>

namespace sequitur::bus {

namespace {

int slot_of(const rd_kafka_message_t& message) {
    int slot = 0;
    const auto* key = static_cast<const char*>(message.key);
    const auto [end, error] = std::from_chars(key, key + message.key_len, slot);
    return error == std::errc{} && slot >= 0 && slot < slots ? slot : message.partition % slots;
}

Uuid id_of(const rd_kafka_message_t& message) {
    rd_kafka_headers_t* headers = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    if (rd_kafka_message_headers(&message, &headers) || rd_kafka_header_get_last(headers, "id", &value, &size))
        return {};
    return Uuid::parse({static_cast<const char*>(value), size}).value_or(Uuid{});
}

TimePoint time_of(const rd_kafka_message_t& message) {
    rd_kafka_timestamp_type_t type{};
    return TimePoint{std::chrono::milliseconds{std::max<std::int64_t>(0, rd_kafka_message_timestamp(&message, &type))}};
}

}  // namespace

domain::BusRecord bus_record(const rd_kafka_message_t& message, const std::string& topic) {
    return {.topic = topic,
            .partition = message.partition,
            .offset = message.offset,
            .slot = slot_of(message),
            .id = id_of(message),
            .at = time_of(message),
            .payload{static_cast<const char*>(message.payload), message.len}};
}

}  // namespace sequitur::bus
