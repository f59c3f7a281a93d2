#include "workers/hit_relay.hpp"

#include "base/fault.hpp"

namespace sequitur::workers {

HitRelay::HitRelay(domain::HitBacklog& backlog, domain::MessageBus& bus, Doorbell& bell, Surroundings surroundings)
    : Worker("hits", surroundings, bell),
      backlog_(backlog),
      bus_(bus),
      published_(
          surroundings.metrics.counter("sequitur_hits_published_total", "Hits published from the spool.").series()) {}

HitRelay::Published HitRelay::publish_record(TimePoint now) {
    auto hits = backlog_.take(hits_of_one_record_max);
    Published published{.hits = hits.size(), .oldest = hits.empty() ? now : hits.front().at};
    if (!hits.empty()) {
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
    published_.add(static_cast<double>(published.hits));
    return published;
}

std::size_t HitRelay::run_once(TimePoint now, const std::stop_token& stop) {
    std::size_t hits = 0;
    while (!stop.stop_requested()) {
        const auto published = publish_record(now);
        hits += published.hits;
        if (published.hits == 0) break;
        if (hits >= hits_of_one_round && now - published.oldest < hit_waits_max) break;
    }
    return hits;
}

void HitRelay::drain(TimePoint now) {
    while (publish_record(now).hits > 0) continue;
}

Duration HitRelay::step(const std::stop_token& stop) {
    const auto early = std::chrono::duration_cast<Duration>(not_before_ - clock().steady_now());
    if (early > Duration::zero()) Doorbell{}.wait(early, stop);
    const auto hits = run_once(clock().now(), stop);
    if (hits > 0) not_before_ = clock().steady_now() + pace;
    return hits < hits_of_one_round ? idle : Duration::zero();
}

}  // namespace sequitur::workers
