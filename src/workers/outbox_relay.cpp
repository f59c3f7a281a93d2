#include "workers/outbox_relay.hpp"

#include "base/fault.hpp"
#include "workers/check.hpp"

namespace sequitur::workers {

void RelayConfig::check() const {
    require_above_zero("relay.records_max", records_max);
    require_above_zero("relay.idle", idle);
}

OutboxRelay::OutboxRelay(domain::Outbox& outbox, domain::MessageBus& bus, Doorbell& bell, RelayConfig config,
                         Surroundings surroundings)
    : Worker("relay", surroundings, bell),
      outbox_(outbox),
      bus_(bus),
      config_(config),
      published_(surroundings.metrics.counter("sequitur_relay_records_total", "Records published from the outbox.",
                                              {"topic"})) {
    config_.check();
}

std::size_t OutboxRelay::run_once(TimePoint, const std::stop_token& stop) {
    std::size_t published = 0;
    while (!stop.stop_requested()) {
        const auto records = publish_some();
        if (records == 0) break;
        published += records;
        if (records < static_cast<std::size_t>(config_.records_max)) break;
    }
    return published;
}

Duration OutboxRelay::step(const std::stop_token& stop) {
    const auto early = std::chrono::duration_cast<Duration>(not_before_ - clock().steady_now());
    if (early > Duration::zero()) Doorbell{}.wait(early, stop);
    if (run_once(clock().now(), stop) > 0) not_before_ = clock().steady_now() + config_.pace;
    return config_.idle;
}

std::size_t OutboxRelay::publish_some() {
    const auto taken = outbox_.take(config_.records_max);
    if (taken.empty()) return 0;
    std::vector<domain::OutgoingRecord> records;
    for (const auto& record : taken)
        records.push_back({.topic = record.topic, .slot = record.slot, .id = record.id, .payload = record.payload});
    try {
        fault::point("relay.before_publish");
        bus_.publish(records);
        fault::point("relay.after_publish");
        outbox_.mark_published();
    } catch (const std::exception&) {
        // Another relay may have a bus that works: it must not wait for this one's next try.
        outbox_.release();
        throw;
    }
    fault::point("relay.after_mark");
    for (const auto& record : records) published_.with({record.topic}).add();
    return records.size();
}

}  // namespace sequitur::workers
