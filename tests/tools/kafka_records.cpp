// Kafka from outside, as an operator could reach it, for tests that are not written in C++: records put there,
// read, deleted; a group's offsets, a topic's retention, who leads. Python has no client of its own.
//
//   kafka_records BROKERS publish                    one JSON object a line: topic, partition, key, id, payload
//   kafka_records BROKERS dump TOPIC...              the same, with offset, of all that is there; payloads in base64
//   kafka_records BROKERS behind GROUP TOPIC         how many records the group has not committed yet
//   kafka_records BROKERS rewind GROUP TOPIC         its offsets to 0; nobody may be in it
//   kafka_records BROKERS retention TOPIC MS
//   kafka_records BROKERS replicas TOPIC             a line for each partition: its leader, how many are in sync
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "bus/kafka_handle.hpp"
#include "mail/base64.hpp"

namespace {

namespace bus = sequitur::bus;
namespace json = boost::json;
using Names = std::span<char* const>;

constexpr int answer_ms = 20'000;
using AlterOffsets = bus::Owned<rd_kafka_AlterConsumerGroupOffsets_t, rd_kafka_AlterConsumerGroupOffsets_destroy>;
using Resource = bus::Owned<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;

void require(rd_kafka_resp_err_t error, const std::string& what) {
    if (error) throw std::runtime_error(what + ": " + rd_kafka_err2str(error));
}

bus::KafkaHandle connect(rd_kafka_type_t type, const std::string& brokers, const std::string& group = "kafka_records") {
    bus::KafkaConf conf{rd_kafka_conf_new()};
    std::array<char, 512> words{};
    const auto set = [&](const char* name, const char* value) {
        if (rd_kafka_conf_set(conf.get(), name, value, words.data(), words.size()) != RD_KAFKA_CONF_OK)
            throw std::runtime_error(words.data());
    };
    set("bootstrap.servers", brokers.c_str());
    set("message.max.bytes", "20000000");  // poison is large
    if (type == RD_KAFKA_CONSUMER) {
        set("group.id", group.c_str());
        set("enable.auto.commit", "false");
        set("enable.partition.eof", "true");
        set("auto.offset.reset", "earliest");
    }
    bus::KafkaHandle handle{rd_kafka_new(type, conf.get(), words.data(), words.size())};
    if (!handle) throw std::runtime_error(words.data());
    static_cast<void>(conf.release());
    return handle;
}

bus::KafkaMetadata look_up(rd_kafka_t* handle, const char* name) {
    const bus::KafkaTopic topic{rd_kafka_topic_new(handle, name, nullptr)};
    return bus::kafka_metadata(handle, topic.get(), std::chrono::seconds{20});
}

/// None where there is no such topic.
bus::KafkaPartitions partitions_of(rd_kafka_t* handle, const char* topic, std::int64_t offset) {
    const int count = look_up(handle, topic)->topics[0].partition_cnt;
    bus::KafkaPartitions list{rd_kafka_topic_partition_list_new(count)};
    for (int partition = 0; partition < count; ++partition)
        rd_kafka_topic_partition_list_add(list.get(), topic, partition)->offset = offset;
    return list;
}

void note_report(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
    if (message->err) std::cerr << "a record was refused: " << rd_kafka_err2str(message->err) << '\n';
    if (!message->err) ++*static_cast<std::size_t*>(message->_private);
}

void publish(const std::string& brokers) {
    bus::KafkaConf conf{rd_kafka_conf_new()};
    std::array<char, 512> words{};
    rd_kafka_conf_set(conf.get(), "bootstrap.servers", brokers.c_str(), words.data(), words.size());
    rd_kafka_conf_set(conf.get(), "message.max.bytes", "20000000", words.data(), words.size());
    rd_kafka_conf_set_dr_msg_cb(conf.get(), note_report);
    const bus::KafkaHandle handle{rd_kafka_new(RD_KAFKA_PRODUCER, conf.release(), words.data(), words.size())};
    std::size_t wanted = 0;
    std::size_t done = 0;
    for (std::string line; std::getline(std::cin, line); ++wanted) {
        const auto record = json::parse(line).as_object();
        const std::string topic{record.at("topic").as_string()};
        const std::string key{record.at("key").as_string()};
        const std::string id{record.at("id").as_string()};
        const auto payload = sequitur::mail::base64_decode(std::string{record.at("payload").as_string()}).value();
        const auto partition = static_cast<std::int32_t>(record.at("partition").as_int64());
        require(rd_kafka_producev(handle.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
                                  RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key.data(), key.size()),
                                  RD_KAFKA_V_VALUE(const_cast<char*>(payload.data()), payload.size()),
                                  RD_KAFKA_V_HEADER("id", id.data(), static_cast<ssize_t>(id.size())),
                                  RD_KAFKA_V_OPAQUE(&done), RD_KAFKA_V_END),
                "publishing");
    }
    require(rd_kafka_flush(handle.get(), answer_ms), "publishing");
    if (done != wanted) throw std::runtime_error("not every record was taken");
}

std::string text(const void* bytes, std::size_t size) { return {static_cast<const char*>(bytes), size}; }

void print(const rd_kafka_message_t& message) {
    rd_kafka_headers_t* headers = nullptr;
    const void* id = nullptr;
    std::size_t size = 0;
    if (!rd_kafka_message_headers(&message, &headers)) rd_kafka_header_get_last(headers, "id", &id, &size);
    std::cout << json::value{{"topic", rd_kafka_topic_name(message.rkt)},
                             {"partition", message.partition},
                             {"offset", message.offset},
                             {"key", text(message.key, message.key_len)},
                             {"id", text(id, size)},
                             {"payload", sequitur::mail::base64(text(message.payload, message.len))}}
              << '\n';
}

void dump(const std::string& brokers, Names topics) {
    const auto handle = connect(RD_KAFKA_CONSUMER, brokers);
    for (const auto* topic : topics) {
        const auto list = partitions_of(handle.get(), topic, RD_KAFKA_OFFSET_BEGINNING);
        require(rd_kafka_assign(handle.get(), list.get()), "reading");
        for (int ends = 0; ends < list->cnt;) {
            const bus::KafkaMessage message{rd_kafka_consumer_poll(handle.get(), answer_ms)};
            if (!message) throw std::runtime_error("nobody answered");
            if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
                ++ends;
            else if (!message->err)
                print(*message);
        }
    }
}

void behind(const std::string& brokers, const char* group, const char* topic) {
    const auto handle = connect(RD_KAFKA_CONSUMER, brokers, group);
    const auto list = partitions_of(handle.get(), topic, RD_KAFKA_OFFSET_INVALID);
    require(rd_kafka_committed(handle.get(), list.get(), answer_ms), "asking for offsets");
    std::int64_t sum = 0;
    for (const auto& one : std::span{list->elems, static_cast<std::size_t>(list->cnt)}) {
        std::int64_t oldest = 0;
        std::int64_t next = 0;
        require(rd_kafka_query_watermark_offsets(handle.get(), topic, one.partition, &oldest, &next, answer_ms),
                "asking for offsets");
        sum += next - std::max(oldest, one.offset);
    }
    std::cout << sum << '\n';
}

bus::KafkaEvent answer(rd_kafka_queue_t* queue, const std::string& what) {
    bus::KafkaEvent event{rd_kafka_queue_poll(queue, answer_ms)};
    if (!event) throw std::runtime_error(what + ": nobody answered");
    require(rd_kafka_event_error(event.get()), what);
    return event;
}

void rewind(const std::string& brokers, const char* group, const char* topic) {
    const auto handle = connect(RD_KAFKA_PRODUCER, brokers);
    const auto list = partitions_of(handle.get(), topic, 0);
    const AlterOffsets request{rd_kafka_AlterConsumerGroupOffsets_new(group, list.get())};
    auto* requests = request.get();
    const bus::KafkaQueue queue{rd_kafka_queue_new(handle.get())};
    rd_kafka_AlterConsumerGroupOffsets(handle.get(), &requests, 1, nullptr, queue.get());
    const auto event = answer(queue.get(), "moving offsets");
    std::size_t count = 0;
    const auto* const* groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
        rd_kafka_event_AlterConsumerGroupOffsets_result(event.get()), &count);
    for (const auto* result : std::span{groups, count}) {
        if (const auto* error = rd_kafka_group_result_error(result))
            throw std::runtime_error(rd_kafka_error_string(error));
        const auto* moved = rd_kafka_group_result_partitions(result);
        for (const auto& one : std::span{moved->elems, static_cast<std::size_t>(moved->cnt)})
            require(one.err, "moving offsets");
    }
}

void set_retention(const std::string& brokers, const char* topic, const char* ms) {
    const auto handle = connect(RD_KAFKA_PRODUCER, brokers);
    const Resource resource{rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)};
    require(rd_kafka_ConfigResource_set_config(resource.get(), "retention.ms", ms), "retention");
    auto* resources = resource.get();
    const bus::KafkaQueue queue{rd_kafka_queue_new(handle.get())};
    rd_kafka_AlterConfigs(handle.get(), &resources, 1, nullptr, queue.get());
    const auto event = answer(queue.get(), "retention");
    std::size_t count = 0;
    const auto* const* results =
        rd_kafka_AlterConfigs_result_resources(rd_kafka_event_AlterConfigs_result(event.get()), &count);
    for (const auto* result : std::span{results, count}) require(rd_kafka_ConfigResource_error(result), "retention");
}

void print_replicas(const std::string& brokers, const char* topic) {
    const auto handle = connect(RD_KAFKA_PRODUCER, brokers);
    const auto found = look_up(handle.get(), topic);
    const auto& only = found->topics[0];
    for (const auto& partition : std::span{only.partitions, static_cast<std::size_t>(only.partition_cnt)})
        std::cout << partition.leader << ' ' << partition.isr_cnt << '\n';
}

int run(const std::string& brokers, const std::string& verb, Names names) {
    if (verb == "publish" && names.empty()) return publish(brokers), 0;
    if (verb == "dump" && !names.empty()) return dump(brokers, names), 0;
    if (verb == "behind" && names.size() == 2) return behind(brokers, names[0], names[1]), 0;
    if (verb == "rewind" && names.size() == 2) return rewind(brokers, names[0], names[1]), 0;
    if (verb == "retention" && names.size() == 2) return set_retention(brokers, names[0], names[1]), 0;
    if (verb == "replicas" && names.size() == 1) return print_replicas(brokers, names[0]), 0;
    std::cerr << "kafka_records BROKERS publish | dump | behind | rewind | retention | replicas\n";
    return 2;
}

}  // namespace

int main(int count, char** words) {
    if (count < 3) return run("", "", {});
    try {
        return run(words[1], words[2], Names{words + 3, static_cast<std::size_t>(count - 3)});
    } catch (const std::exception& error) {
        std::cerr << "kafka_records: " << error.what() << '\n';
        return 1;
    }
}
