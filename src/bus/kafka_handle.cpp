#include "bus/kafka_handle.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/log.hpp"

namespace sequitur::bus {

namespace {

constexpr std::size_t words_max = 512;
constexpr int syslog_warning = 4;

void write_log(const rd_kafka_t* /*handle*/, int level, const char* facility, const char* text) {
    log::write(level <= syslog_warning ? log::Level::warn : log::Level::debug, "kafka",
               {{"facility", facility}, {"text", text}});
}

/// Others know of an outage by calls that fail; this is for whoever reads the log.
void write_error(rd_kafka_t* /*handle*/, int error, const char* reason, void* /*opaque*/) {
    log::debug("kafka error",
               {{"error", rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(error))}, {"reason", reason}});
}

// The promises of the contract rest on these.
constexpr std::array<std::string_view, 22> ours{"bootstrap.servers",
                                                "metadata.broker.list",
                                                "group.id",
                                                "group.instance.id",
                                                "enable.auto.commit",
                                                "enable.auto.offset.store",
                                                "auto.offset.reset",
                                                "isolation.level",
                                                "enable.idempotence",
                                                "acks",
                                                "request.required.acks",
                                                "partition.assignment.strategy",
                                                "session.timeout.ms",
                                                "heartbeat.interval.ms",
                                                "max.poll.interval.ms",
                                                "delivery.timeout.ms",
                                                "message.timeout.ms",
                                                "transactional.id",
                                                "partitioner",
                                                "allow.auto.create.topics",
                                                "enable.partition.eof",
                                                "topic.metadata.refresh.interval.ms"};

void set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value, const char* source) {
    std::array<char, words_max> words{};
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), words.data(), words.size()) != RD_KAFKA_CONF_OK)
        throw std::invalid_argument(std::string{source} + name + ": " + words.data());
}

}  // namespace

KafkaConf kafka_conf(const KafkaBusConfig& config,
                     std::initializer_list<std::pair<const char*, std::string>> own_settings) {
    KafkaConf conf{rd_kafka_conf_new()};
    set(conf.get(), "client.id", "sequitur", "");
    set(conf.get(), "log.connection.close", "false", "");
    set(conf.get(), "reconnect.backoff.max.ms", "2000", "");
    for (const auto& [name, value] : config.properties) {
        if (std::ranges::find(ours, name) != ours.end())
            throw std::invalid_argument("kafka.properties." + name + " is not for the user to set: remove it" +
                                        (name == "bootstrap.servers" ? " and set kafka.brokers" : ""));
        set(conf.get(), name, value, "kafka.properties.");
    }
    set(conf.get(), "bootstrap.servers", config.brokers, "");
    set(conf.get(), "topic.metadata.refresh.interval.ms", in_ms(config.partitions_age), "");
    for (const auto& [name, value] : own_settings) set(conf.get(), name, value, "");
    rd_kafka_conf_set_log_cb(conf.get(), write_log);
    rd_kafka_conf_set_error_cb(conf.get(), write_error);
    return conf;
}

KafkaHandle kafka_handle(rd_kafka_type_t type, KafkaConf conf) {
    std::array<char, words_max> words{};
    KafkaHandle handle{rd_kafka_new(type, conf.get(), words.data(), words.size())};
    if (!handle) throw std::invalid_argument(std::string{"kafka.properties: "} + words.data());
    static_cast<void>(conf.release());  // the handle's own now
    return handle;
}

KafkaMetadata kafka_metadata(rd_kafka_t* handle, rd_kafka_topic_t* topic, Duration wait) {
    const struct rd_kafka_metadata* answer = nullptr;
    if (const auto error = rd_kafka_metadata(handle, 0, topic, &answer, to_ms(wait)))
        bus_error("looking up " + std::string{rd_kafka_topic_name(topic)}, error);
    return KafkaMetadata{answer};
}

int to_ms(Duration length) {
    return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(length).count());
}

std::string in_ms(Duration length) { return std::to_string(to_ms(length)); }

void bus_error(std::string_view what, rd_kafka_resp_err_t error) {
    const auto words = "kafka: " + std::string{what} + ": " + rd_kafka_err2str(error);
    switch (error) {
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
        case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION: throw TopicMissing{words};
        default: throw domain::BusError{words};
    }
}

}  // namespace sequitur::bus
