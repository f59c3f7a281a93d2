#include "bus/kafka_bus.hpp"

#include <stdexcept>
#include <thread>

#include "bus/kafka_subscription.hpp"
#include "bus/topic_numbers.hpp"

namespace sequitur::bus {

namespace {

KafkaBusConfig checked(KafkaBusConfig config) {
    config.check();
    return config;
}

/// What the workers hold. A consumer that can not end yet, because no broker answers or its group is being arranged,
/// does so by itself later, or with the process.
class Seat final : public domain::Subscription {
public:
    explicit Seat(std::unique_ptr<KafkaSubscription> member) : member_(std::move(member)) {}
    ~Seat() override {
        if (!member_->leave()) std::thread{[left = std::move(member_)]() mutable { left.reset(); }}.detach();
    }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

    std::vector<domain::BusRecord> poll(std::size_t records_max, Duration wait) override {
        return member_->poll(records_max, wait);
    }
    std::vector<int> commit(std::span<const domain::Position> positions) override { return member_->commit(positions); }
    void pause() override { member_->pause(); }
    void resume() override { member_->resume(); }
    std::vector<int> held() const override { return member_->held(); }
    void wake() override { member_->wake(); }

private:
    std::unique_ptr<KafkaSubscription> member_;
};

}  // namespace

void KafkaBusConfig::check() const {
    const auto demand = [](bool holds, const char* rule) {
        if (!holds) throw std::invalid_argument(rule);
    };
    demand(!brokers.empty(), "bus.kind = kafka needs kafka.brokers, such as kafka1:9092,kafka2:9092");
    demand(partitions >= 1 && partitions <= slots, "kafka.partitions must be 1 to 64");
    demand(replication >= 0, "kafka.replication must be 0 (as the brokers do) or the number of copies");
    demand(2 * heartbeat < trust && trust < session, "a bus member must mistrust itself before its session ends");
    demand(session <= max_poll, "with bus.kind = kafka, bus.max_poll must be at least 10s");
    kafka_conf(*this, {});
}

KafkaBus::KafkaBus(KafkaBusConfig config) : config_(checked(std::move(config))), admin_(config_), producer_(config_) {}

void KafkaBus::publish(std::span<const domain::OutgoingRecord> records) {
    for (const auto& record : records) require_publishable(record);
    try {
        producer_.publish(records);
    } catch (const TopicMissing&) {
        // All of them may be gone with the brokers' data; whoever publishes tries again.
        ensure_topics();
        throw;
    }
}

std::unique_ptr<domain::Subscription> KafkaBus::subscribe(std::string_view group, std::string_view topic) {
    required_topic_number(topic);
    return std::make_unique<Seat>(std::make_unique<KafkaSubscription>(config_, group, std::string{topic}));
}

}  // namespace sequitur::bus
