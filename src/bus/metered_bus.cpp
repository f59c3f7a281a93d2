#include "bus/metered_bus.hpp"

#include <map>
#include <utility>

namespace sequitur::bus {

namespace {

/// What the call answers; a call that throws BusError is counted before it is passed on.
auto counted(metrics::Counter& errors, auto call) {
    try {
        return call();
    } catch (const domain::BusError&) {
        errors.add();
        throw;
    }
}

class MeteredSubscription final : public domain::Subscription {
public:
    struct Counters {
        metrics::Counter& consumed;
        metrics::Counter& poll_errors;
        metrics::Counter& commit_errors;
        metrics::Counter& rebalances;
    };
    MeteredSubscription(std::unique_ptr<domain::Subscription> member, Counters counters)
        : member_(std::move(member)), counters_(counters) {}

    std::vector<domain::BusRecord> poll(std::size_t records_max, Duration wait) override {
        auto records = counted(counters_.poll_errors, [&] { return member_->poll(records_max, wait); });
        counters_.consumed.add(static_cast<double>(records.size()));
        if (auto held = member_->held(); held != held_) {
            held_ = std::move(held);
            counters_.rebalances.add();
        }
        return records;
    }
    std::vector<int> commit(std::span<const domain::Position> positions) override {
        return counted(counters_.commit_errors, [&] { return member_->commit(positions); });
    }
    void pause() override { member_->pause(); }
    void resume() override { member_->resume(); }
    std::vector<int> held() const override { return member_->held(); }
    void wake() override { member_->wake(); }

private:
    std::unique_ptr<domain::Subscription> member_;
    Counters counters_;
    std::vector<int> held_;  ///< after the last poll
};

}  // namespace

MeteredBus::MeteredBus(std::unique_ptr<domain::MessageBus> bus, metrics::Registry& registry)
    : bus_(std::move(bus)),
      messages_(registry.counter("sequitur_kafka_messages_total", "Records published and read, on either bus.",
                                 {"topic", "direction"})),
      errors_(
          registry.counter("sequitur_kafka_errors_total", "Calls to the bus that failed, on either bus.", {"kind"})),
      rebalances_(registry
                      .counter("sequitur_kafka_rebalances_total",
                               "Times that a member's partitions were others than at its last poll, on either bus.")
                      .series()) {
    for (const auto* kind : {"publish", "poll", "commit", "lag", "tidy"}) errors_.with({kind});
}

void MeteredBus::publish(std::span<const domain::OutgoingRecord> records) {
    counted(errors_.with({"publish"}), [&] { bus_->publish(records); });
    std::map<std::string_view, int> by_topic;
    for (const auto& record : records) ++by_topic[record.topic];
    for (const auto& [topic, count] : by_topic) messages_.with({std::string{topic}, "produced"}).add(count);
}

std::unique_ptr<domain::Subscription> MeteredBus::subscribe(std::string_view group, std::string_view topic) {
    return std::make_unique<MeteredSubscription>(
        bus_->subscribe(group, topic),
        MeteredSubscription::Counters{messages_.with({std::string{topic}, "consumed"}), errors_.with({"poll"}),
                                      errors_.with({"commit"}), rebalances_});
}

std::vector<domain::MessageBus::Lag> MeteredBus::lag() {
    return counted(errors_.with({"lag"}), [&] { return bus_->lag(); });
}

void MeteredBus::tidy() {
    counted(errors_.with({"tidy"}), [&] { bus_->tidy(); });
}

}  // namespace sequitur::bus
