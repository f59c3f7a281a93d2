// One member of a group on Kafka: a consumer of its own, used by one thread.
//
// Records wait here by partition, so that a busy partition starves no other. Offsets are committed
// when the worker says so and never by librdkafka itself. While the group is being rearranged, commits wait
// (kafka_membership.hpp); before partitions are given back, they are sent.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "bus/kafka_membership.hpp"
#include "domain/ports/message_bus.hpp"

namespace sequitur::bus {

class KafkaSubscription final : public domain::Subscription {
public:
    /// Does not wait for the brokers.
    KafkaSubscription(const KafkaBusConfig& config, std::string_view group, std::string topic);
    /// Ends the handle; leave() was called. If that said false, this may take as long as the brokers are silent, or for
    /// ever: a share that comes while a consumer is closed keeps it from ending (librdkafka's issue #4527, up to 2.3).
    ~KafkaSubscription() override;

    /// Commits what waits, gives everything back and waits a little for the group to let it go. Whether it did: then
    /// no share can come any more, and the handle can end at once.
    bool leave();

    std::vector<domain::BusRecord> poll(std::size_t records_max, Duration wait) override;
    std::vector<int> commit(std::span<const domain::Position> positions) override;
    void pause() override;
    void resume() override;
    std::vector<int> held() const override;
    void wake() override;

private:
    struct Holding {
        std::deque<domain::BusRecord> records;  ///< read and not delivered yet
        std::int64_t committed = -1;  ///< the next offset for whoever holds it after us; -1: not known
        std::int64_t asked = -1;  ///< a commit that waits; -1: none
    };

    static void rebalance(rd_kafka_t*, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions,
                          void* self);
    static void note_error(rd_kafka_t*, int error, const char* reason, void* self);
    void take(rd_kafka_topic_partition_list_t* partitions);
    void give_back(rd_kafka_topic_partition_list_t* partitions);

    void note_life();
    bool is_trusted() const;
    bool may_deliver() const;
    /// Tells librdkafka to read on, or not to while this member is paused or has enough.
    void read_or_rest();
    /// Reads what has come, the first of it within `wait`; serves rebalances.
    void read(Duration wait);
    void keep(const rd_kafka_message_t& message);
    std::vector<domain::BusRecord> deliver(std::size_t records_max);
    std::size_t waiting() const;
    bool is_lost() const;

    KafkaPartitions held_partitions() const;
    /// The commits that wait; answers with the partitions that somebody else holds now.
    std::vector<int> commit_asked();
    bool is_refused(int partition, rd_kafka_resp_err_t error);

    const KafkaBusConfig config_;  ///< may outlive the bus
    const std::string topic_;  ///< without the prefix
    std::unique_ptr<KafkaMembership> membership_;
    KafkaHandle handle_;
    KafkaQueue records_;
    KafkaQueue commits_;
    std::map<int, Holding> held_;
    int first_partition_ = 0;  ///< whose turn it is to be delivered first
    bool is_paused_ = false;
    bool is_resting_ = false;
    SteadyTime polled_at_{};
    SteadyTime alive_at_{};  ///< while the group is arranged: when this member was last seen at work
    bool is_leaving_ = false;  ///< the last commit has been tried
    std::intptr_t commit_number_ = 0;
    bool is_commit_open_ = false;  ///< the last one has no answer yet
    std::atomic<bool> is_woken_ = false;
};

}  // namespace sequitur::bus
