#include "bus/kafka_admin.hpp"

#include <algorithm>
#include <array>
#include <thread>

#include "base/log.hpp"
#include "domain/messages.hpp"

namespace sequitur::bus {

namespace {

using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t words_max = 512;
constexpr auto retry_pause = 50ms;

using NewTopic = Owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using AdminOptions = Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using GroupOffsets = Owned<rd_kafka_ListConsumerGroupOffsets_t, rd_kafka_ListConsumerGroupOffsets_destroy>;

std::vector<std::string> topic_names(const std::string& prefix) {
    std::vector<std::string> names;
    for (const auto topic : domain::topics::all) {
        names.push_back(prefix + std::string{topic});
        names.push_back(prefix + domain::topics::dead_letters(topic));
    }
    return names;
}

bool is_dead_letters(std::string_view topic) { return topic.ends_with(".dlq"); }

NewTopic new_topic(const KafkaBusConfig& config, const std::string& name) {
    std::array<char, words_max> words{};
    const bool is_kept_longer =
        is_dead_letters(name) || name == config.prefix + std::string{domain::topics::email_events};
    const int partitions = is_dead_letters(name) ? 1 : config.partitions;
    const int copies = config.replication > 0 ? config.replication : -1;
    NewTopic topic{rd_kafka_NewTopic_new(name.c_str(), partitions, copies, words.data(), words.size())};
    if (!topic) throw domain::BusError("kafka: topic " + name + ": " + words.data());
    const auto retention = is_kept_longer ? config.retention_events : config.retention;
    const auto retention_ms = std::chrono::duration_cast<std::chrono::milliseconds>(retention).count();
    rd_kafka_NewTopic_set_config(topic.get(), "retention.ms", std::to_string(retention_ms).c_str());
    rd_kafka_NewTopic_set_config(topic.get(), "unclean.leader.election.enable", "false");
    // With fewer copies than three, two in sync would stop everything when one broker is away.
    if (config.replication >= 3) rd_kafka_NewTopic_set_config(topic.get(), "min.insync.replicas", "2");
    return topic;
}

/// Waits for the one answer of an admin call.
KafkaEvent answer_of(rd_kafka_queue_t* queue, Duration wait, std::string_view what) {
    KafkaEvent event{rd_kafka_queue_poll(queue, to_ms(wait) + 1000)};
    if (!event) bus_error(what, RD_KAFKA_RESP_ERR__TIMED_OUT);
    if (const auto error = rd_kafka_event_error(event.get())) bus_error(what, error);
    return event;
}

AdminOptions admin_options(rd_kafka_t* handle, rd_kafka_admin_op_t operation, Duration wait) {
    AdminOptions options{rd_kafka_AdminOptions_new(handle, operation)};
    std::array<char, words_max> words{};
    rd_kafka_AdminOptions_set_request_timeout(options.get(), to_ms(wait), words.data(), words.size());
    return options;
}

}  // namespace

std::string kafka_group(const KafkaBusConfig& config, std::string_view group) {
    return config.prefix + "sequitur-" + std::string{group};
}

rd_kafka_t* KafkaAdmin::handle() {
    if (!handle_) handle_ = kafka_handle(RD_KAFKA_PRODUCER, kafka_conf(config_, {}));
    return handle_.get();
}

int KafkaAdmin::partitions_of(const std::string& name) {
    const KafkaTopic topic{rd_kafka_topic_new(handle(), name.c_str(), nullptr)};
    const auto answer = kafka_metadata(handle(), topic.get(), config_.answer_wait);
    const auto& found = answer->topics[0];
    if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || found.err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
        return 0;
    if (found.err) bus_error("looking up " + name, found.err);
    const std::span partitions{found.partitions, static_cast<std::size_t>(found.partition_cnt)};
    return std::ranges::all_of(partitions, [](const auto& one) { return one.leader >= 0; }) ? found.partition_cnt : 0;
}

void KafkaAdmin::ensure_topics() {
    const std::scoped_lock lock{mutex_};
    auto missing = topic_names(config_.prefix);
    std::erase_if(missing, [&](const auto& name) { return partitions_of(name) > 0; });
    if (missing.empty()) return;
    create(missing);
    const auto until = Steady::now() + config_.answer_wait;
    for (const auto& name : missing) {
        while (partitions_of(name) == 0) {
            if (Steady::now() > until) throw domain::BusError("kafka: topic " + name + " has no leader yet");
            std::this_thread::sleep_for(retry_pause);
        }
    }
}

void KafkaAdmin::create(const std::vector<std::string>& topics) {
    std::vector<NewTopic> owned;
    std::vector<rd_kafka_NewTopic_t*> wanted;
    for (const auto& name : topics) wanted.push_back(owned.emplace_back(new_topic(config_, name)).get());
    const KafkaQueue queue{rd_kafka_queue_new(handle())};
    const auto options = admin_options(handle(), RD_KAFKA_ADMIN_OP_CREATETOPICS, config_.answer_wait);
    rd_kafka_CreateTopics(handle(), wanted.data(), wanted.size(), options.get(), queue.get());
    const auto event = answer_of(queue.get(), config_.answer_wait, "making topics");
    std::size_t count = 0;
    const auto* const* results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
    for (const auto* result : std::span{results, count}) {
        const std::string name = rd_kafka_topic_result_name(result);
        const auto error = rd_kafka_topic_result_error(result);
        if (!error)
            log::info("topic made", {{"topic", name}, {"partitions", is_dead_letters(name) ? 1 : config_.partitions}});
        else if (error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)  // another process was faster, or it has no leader
            throw domain::BusError("kafka: topic " + name +
                                   " can not be made: " + rd_kafka_topic_result_error_string(result));
    }
}

KafkaAdmin::Range KafkaAdmin::range(const std::string& topic, int partition) {
    const auto until = Steady::now() + config_.answer_wait;
    while (true) {
        Range found;
        const auto error = rd_kafka_query_watermark_offsets(handle(), topic.c_str(), partition, &found.oldest,
                                                            &found.next, to_ms(config_.answer_wait));
        if (!error) return found;
        if (Steady::now() > until) bus_error("asking for the offsets of " + topic, error);
        std::this_thread::sleep_for(retry_pause);
    }
}

void KafkaAdmin::add_lag(std::string_view group, std::string_view topic, std::vector<domain::MessageBus::Lag>& lags) {
    const auto name = config_.prefix + std::string{topic};
    const int partitions = partitions_of(name);
    if (partitions == 0) return;
    const KafkaPartitions asked{rd_kafka_topic_partition_list_new(partitions)};
    rd_kafka_topic_partition_list_add_range(asked.get(), name.c_str(), 0, partitions - 1);
    const GroupOffsets request{rd_kafka_ListConsumerGroupOffsets_new(kafka_group(config_, group).c_str(), asked.get())};
    auto* requests = request.get();
    const KafkaQueue queue{rd_kafka_queue_new(handle())};
    const auto options = admin_options(handle(), RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, config_.answer_wait);
    rd_kafka_ListConsumerGroupOffsets(handle(), &requests, 1, options.get(), queue.get());
    const auto event = answer_of(queue.get(), config_.answer_wait, "asking for the offsets of a group");
    std::size_t count = 0;
    const auto* const* groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count);
    if (count != 1) return;
    const auto* committed = rd_kafka_group_result_partitions(groups[0]);
    if (committed == nullptr) return;
    for (const auto& one : std::span{committed->elems, static_cast<std::size_t>(committed->cnt)}) {
        const auto [oldest, next] = range(name, one.partition);
        const auto from = std::max(one.offset, oldest);  // nothing committed: a new group starts at the oldest
        lags.push_back({.group = std::string{group},
                        .topic = std::string{topic},
                        .partition = one.partition,
                        .records = std::max<std::int64_t>(0, next - from),
                        .lost = one.offset >= 0 ? std::max<std::int64_t>(0, oldest - one.offset) : 0});
    }
}

std::vector<domain::MessageBus::Lag> KafkaAdmin::lag() {
    const std::scoped_lock lock{mutex_};
    std::vector<domain::MessageBus::Lag> lags;
    add_lag(domain::groups::sender, domain::topics::email_jobs, lags);
    add_lag(domain::groups::followup, domain::topics::followup_events, lags);
    add_lag(domain::groups::retry, domain::topics::email_retries, lags);
    add_lag(domain::groups::recorder, domain::topics::email_events, lags);
    return lags;
}

}  // namespace sequitur::bus
