#include "bus/kafka_producer.hpp"

#include <array>

#include "base/log.hpp"

namespace sequitur::bus {

namespace {

using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int poll_ms = 100;
constexpr auto purge_wait = 2s;

}  // namespace

class KafkaProducer::Line {
public:
    explicit Line(const KafkaBusConfig& config)
        : handle_(open(config)), thread_([this](const auto& stop) {
              while (!stop.stop_requested()) rd_kafka_poll(handle(), poll_ms);
          }) {}

    /// Every record gets its report: those that are still under way that of a purge.
    ~Line() {
        thread_ = {};
        rd_kafka_purge(handle(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        const auto until = Steady::now() + purge_wait;
        while (rd_kafka_outq_len(handle()) > 0 && Steady::now() < until) rd_kafka_poll(handle(), poll_ms);
    }

    rd_kafka_t* handle() const { return handle_.get(); }
    bool is_broken() const {
        std::array<char, 1> words{};
        return rd_kafka_fatal_error(handle(), words.data(), words.size()) != RD_KAFKA_RESP_ERR_NO_ERROR;
    }

private:
    static KafkaHandle open(const KafkaBusConfig& config) {
        auto conf = kafka_conf(config, {{"enable.idempotence", "true"},
                                        {"acks", "all"},
                                        {"delivery.timeout.ms", "300000"},
                                        {"queue.buffering.max.messages", "100000"}});
        rd_kafka_conf_set_dr_msg_cb(conf.get(), take_report);
        return kafka_handle(RD_KAFKA_PRODUCER, std::move(conf));
    }

    KafkaHandle handle_;
    std::jthread thread_;
};

KafkaProducer::KafkaProducer(const KafkaBusConfig& config) : config_(config) {}

KafkaProducer::~KafkaProducer() {
    topics_.clear();
    line_.reset();
}

void KafkaProducer::take_report(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
    const std::unique_ptr<std::shared_ptr<Report>> kept{static_cast<std::shared_ptr<Report>*>(message->_private)};
    auto& report = **kept;
    auto& producer = report.producer;
    const std::scoped_lock lock{producer.mutex_};
    report.is_done = true;
    report.error = message->err;
    const auto found = producer.under_way_.find(report.id);
    if (found != producer.under_way_.end() && found->second == *kept) producer.under_way_.erase(found);
    producer.reported_.notify_all();
}

void KafkaProducer::replace_broken_line() {
    std::unique_ptr<Line> broken;
    {
        const std::scoped_lock lock{mutex_};
        if (line_ && !line_->is_broken()) return;
        if (line_) log::warn("the Kafka producer is broken and is made anew");
        topics_.clear();
        broken = std::exchange(line_, std::make_unique<Line>(config_));
        // Their reports come while the old line ends, without this lock.
        under_way_.clear();
    }
}

int KafkaProducer::partitions_of(Topic& topic, const std::string& name) {
    const auto now = Steady::now();
    if (!topic.handle)
        topic.handle.reset(rd_kafka_topic_new(line_->handle(), (config_.prefix + name).c_str(), nullptr));
    if (topic.partitions > 0 && now - topic.looked_at < config_.partitions_age) return topic.partitions;
    const auto answer = kafka_metadata(line_->handle(), topic.handle.get(), config_.answer_wait);
    if (answer->topics[0].err) bus_error("looking up " + config_.prefix + name, answer->topics[0].err);
    topic.partitions = answer->topics[0].partition_cnt;
    topic.looked_at = now;
    return topic.partitions;
}

std::shared_ptr<KafkaProducer::Report> KafkaProducer::send(const domain::OutgoingRecord& record) {
    if (const auto found = under_way_.find(record.id); found != under_way_.end()) return found->second;
    auto& topic = topics_[record.topic];
    const auto partition = record.slot % partitions_of(topic, record.topic);
    const auto key = std::to_string(record.slot);
    const auto id = record.id.text();
    const auto report = std::make_shared<Report>(Report{.producer = *this, .id = record.id});
    auto kept = std::make_unique<std::shared_ptr<Report>>(report);
    const auto error =
        rd_kafka_producev(line_->handle(), RD_KAFKA_V_RKT(topic.handle.get()), RD_KAFKA_V_PARTITION(partition),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key.data(), key.size()),
                          RD_KAFKA_V_VALUE(const_cast<char*>(record.payload.data()), record.payload.size()),
                          RD_KAFKA_V_HEADER("id", id.data(), static_cast<ssize_t>(id.size())),
                          RD_KAFKA_V_OPAQUE(kept.get()), RD_KAFKA_V_END);
    if (error) bus_error("publishing to " + config_.prefix + record.topic, error);
    static_cast<void>(kept.release());  // its report gives it back
    under_way_.emplace(record.id, report);
    return report;
}

void KafkaProducer::publish(std::span<const domain::OutgoingRecord> records) {
    if (records.empty()) return;
    replace_broken_line();
    const auto until = Steady::now() + config_.publish_wait;
    Reports reports;
    std::unique_lock lock{mutex_};
    for (const auto& record : records) reports.push_back(send(record));
    for (const auto& report : reports) {
        if (!reported_.wait_until(lock, until, [&] { return report->is_done; }))
            bus_error("publishing", RD_KAFKA_RESP_ERR__TIMED_OUT);
        if (report->error) bus_error("publishing", report->error);
    }
}

}  // namespace sequitur::bus
