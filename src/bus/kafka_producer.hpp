// Publishing to Kafka: idempotent, acknowledged by all replicas in sync before it counts.
//
// A record that is still under way when its publisher gave up waiting is not sent again by the next
// try: that one waits for the same report. A producer that librdkafka declared broken (a fatal
// error) is replaced; what it had under way has failed, and may have been published (delivery.md §1e).
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>

#include "base/ids.hpp"
#include "bus/kafka_handle.hpp"
#include "domain/ports/message_bus.hpp"

namespace sequitur::bus {

/// Thread-safe.
class KafkaProducer {
public:
    /// Does not connect yet.
    explicit KafkaProducer(const KafkaBusConfig& config);
    ~KafkaProducer();

    /// Durable when it returns. Throws BusError.
    void publish(std::span<const domain::OutgoingRecord> records);

private:
    struct Report {
        KafkaProducer& producer;
        Uuid id;
        bool is_done = false;
        rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    };
    using Reports = std::vector<std::shared_ptr<Report>>;
    /// One handle of librdkafka's and the thread that takes its reports.
    class Line;
    struct Topic {
        KafkaTopic handle;
        int partitions = 0;
        SteadyTime looked_at{};
    };

    static void take_report(rd_kafka_t*, const rd_kafka_message_t* message, void*);
    void replace_broken_line();
    /// How many partitions the topic has, not older than partitions_age.
    int partitions_of(Topic& topic, const std::string& name);
    std::shared_ptr<Report> send(const domain::OutgoingRecord& record);

    const KafkaBusConfig& config_;
    std::mutex mutex_;
    std::condition_variable reported_;
    std::unordered_map<Uuid, std::shared_ptr<Report>> under_way_;
    std::unique_ptr<Line> line_;
    std::map<std::string, Topic> topics_;  ///< of this line; goes before it
};

}  // namespace sequitur::bus
