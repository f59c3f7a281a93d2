#include "support/kafka_topics.hpp"

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "bus/kafka_handle.hpp"
#include "bus/topic_numbers.hpp"

namespace sequitur::test {

namespace {

using namespace std::chrono_literals;

constexpr int answer_ms = 10'000;

void wait_for_answer(rd_kafka_queue_t* queue) {
    const bus::KafkaEvent event{rd_kafka_queue_poll(queue, answer_ms)};
    if (!event) throw std::runtime_error("the broker did not answer");
}

}  // namespace

std::string kafka_prefix() { return "t" + Uuid::v7(SystemClock{}.now()).hex() + "."; }

bus::KafkaBusConfig kafka_config(const std::string& prefix) {
    const char* brokers = std::getenv("SEQUITUR_TEST_KAFKA");
    if (brokers == nullptr) throw std::runtime_error("SEQUITUR_TEST_KAFKA is not set: run the tests by ./dev test");
    bus::KafkaBusConfig config{.brokers = brokers, .prefix = prefix, .partitions = 4};
    config.session = 1500ms;
    config.heartbeat = 100ms;
    config.trust = 1s;
    config.partitions_age = 100ms;
    return config;
}

void grow_topic(const bus::KafkaBusConfig& config, const std::string& topic, int partitions) {
    const auto handle = bus::kafka_handle(RD_KAFKA_PRODUCER, bus::kafka_conf(config, {}));
    const bus::KafkaQueue queue{rd_kafka_queue_new(handle.get())};
    std::array<char, 256> words{};
    auto* wanted = rd_kafka_NewPartitions_new((config.prefix + topic).c_str(), static_cast<std::size_t>(partitions),
                                              words.data(), words.size());
    rd_kafka_CreatePartitions(handle.get(), &wanted, 1, nullptr, queue.get());
    wait_for_answer(queue.get());
    rd_kafka_NewPartitions_destroy(wanted);
}

void delete_topics(const bus::KafkaBusConfig& config) {
    const auto handle = bus::kafka_handle(RD_KAFKA_PRODUCER, bus::kafka_conf(config, {}));
    const bus::KafkaQueue queue{rd_kafka_queue_new(handle.get())};
    std::vector<rd_kafka_DeleteTopic_t*> topics;
    for (const auto& topic : bus::numbered_topics())
        topics.push_back(rd_kafka_DeleteTopic_new((config.prefix + topic.name).c_str()));
    rd_kafka_DeleteTopics(handle.get(), topics.data(), topics.size(), nullptr, queue.get());
    wait_for_answer(queue.get());
    rd_kafka_DeleteTopic_destroy_array(topics.data(), topics.size());
}

}  // namespace sequitur::test
