#include "workers/hit_relay.hpp"

#include "base/fault.hpp"

namespace sequitur::workers {

HitRelay::HitRelay(domain::HitBacklog& backlog, domain::MessageBus& bus, Doorbell& bell, Surroundings surroundings)
    : Worker("hits", surroundings, bell),
      backlog_(backlog),
      bus_(bus),
      published_(
          surroundings.metrics.counter("sequitur_hits_published_total", "Hits published from the spool.").series()) {}

std::size_t HitRelay::run_once(TimePoint now, const std::stop_token& stop) {
    std::size_t published = 0;
    while (!stop.stop_requested()) {
        auto hits = backlog_.take(hits_of_one_record_max);
        const auto count = hits.size();
        if (count > 0) {
            const domain::EmailEvents record{.id = Uuid::v7(now), .at = now, .events = std::move(hits)};
            // A hit does not know its mailbox: nothing depends on the order, so any slot does that is the email's own.
            const int slot = record.events.front().email_queue_id.uuid.bytes[15] & (slots - 1);
            const domain::OutgoingRecord outgoing{.topic = std::string{domain::topics::email_events},
                                                  .slot = slot,
                                                  .id = record.id,
                                                  .payload = encode(record)};
            fault::point("hits.before_publish");
            bus_.publish({&outgoing, 1});
            fault::point("hits.after_publish");
        }
        backlog_.done();
        published += count;
        published_.add(static_cast<double>(count));
        if (count == 0) break;
    }
    return published;
}

Duration HitRelay::step(const std::stop_token& stop) {
    const auto early = std::chrono::duration_cast<Duration>(not_before_ - clock().steady_now());
    if (early > Duration::zero()) Doorbell{}.wait(early, stop);
    if (run_once(clock().now(), stop) > 0) not_before_ = clock().steady_now() + pace;
    return idle;
}

}  // namespace sequitur::workers
