// The commits of a member on Kafka: asked for at once, sent when the group is at rest, answered one by one.
#include <algorithm>

#include "bus/kafka_subscription.hpp"

namespace sequitur::bus {

namespace {
using Steady = std::chrono::steady_clock;
}  // namespace

std::vector<int> KafkaSubscription::commit(std::span<const domain::Position> positions) {
    std::vector<int> refused;
    const bool is_taken = is_lost();
    for (const auto& [partition, next_offset] : positions) {
        const auto holding = held_.find(partition);
        if (is_taken || holding == held_.end())
            refused.push_back(partition);
        else if (next_offset > holding->second.committed)
            holding->second.asked = std::max(holding->second.asked, next_offset);
    }
    if (membership_->is_joining()) return refused;
    for (const auto partition : commit_asked()) refused.push_back(partition);
    return refused;
}

std::vector<int> KafkaSubscription::commit_asked() {
    const KafkaPartitions list{rd_kafka_topic_partition_list_new(static_cast<int>(held_.size()))};
    const auto name = config_.prefix + topic_;
    for (const auto& [partition, holding] : held_)
        if (holding.asked >= 0)
            rd_kafka_topic_partition_list_add(list.get(), name.c_str(), partition)->offset = holding.asked;
    if (list->cnt == 0) return {};
    auto* const number = reinterpret_cast<void*>(++commit_number_);
    if (const auto error = rd_kafka_commit_queue(handle_.get(), list.get(), commits_.get(), nullptr, number))
        bus_error("committing", error);
    is_commit_open_ = true;
    const auto until = Steady::now() + config_.answer_wait;
    while (true) {
        const auto left = std::chrono::duration_cast<Duration>(until - Steady::now());
        const KafkaEvent event{rd_kafka_queue_poll(commits_.get(), std::max(0, to_ms(left)))};
        if (!event) bus_error("committing", RD_KAFKA_RESP_ERR__TIMED_OUT);
        if (rd_kafka_event_opaque(event.get()) != number) continue;  // of a commit that was given up
        is_commit_open_ = false;
        const auto whole = rd_kafka_event_error(event.get());
        const auto* answers = rd_kafka_event_topic_partition_list(event.get());
        std::vector<int> refused;
        for (int i = 0; i < list->cnt; ++i) {
            const auto partition = list->elems[i].partition;
            const auto* answer = rd_kafka_topic_partition_list_find(
                const_cast<rd_kafka_topic_partition_list_t*>(answers), name.c_str(), partition);
            const auto error = answer != nullptr && answer->err ? answer->err : whole;
            if (is_refused(partition, error)) refused.push_back(partition);
        }
        return refused;
    }
}

bool KafkaSubscription::is_refused(int partition, rd_kafka_resp_err_t error) {
    auto& holding = held_[partition];
    switch (error) {
        case RD_KAFKA_RESP_ERR_NO_ERROR: holding.committed = std::exchange(holding.asked, -1); return false;
        case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS: return false;  // it goes on waiting
        case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
        case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
        case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
        case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST: held_.erase(partition); return true;
        default: bus_error("committing", error);
    }
}

}  // namespace sequitur::bus
