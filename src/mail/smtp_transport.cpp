#include "mail/smtp_transport.hpp"

#include <algorithm>

namespace sequitur::mail {

using domain::Delivery;
using domain::DeliveryKey;

SmtpTransport::Loop::Loop(SmtpTransport& owner)
    : transport(owner),
      callbacks{[&owner](const DeliveryKey& key) { return owner.listener_.message(key); },
                [&owner](const DeliveryKey& key) { owner.listener_.ready_for_dot(key); },
                [&owner](const DeliveryKey& key, const domain::SendOutcome& outcome, const domain::Written& written) {
                    owner.done(key, outcome, written);
                }},
      events(owner.clock_) {}

void SmtpTransport::Loop::run_orders() {
    auto all = orders.with([](Orders& waiting) { return std::exchange(waiting, {}); });
    while (!all.start.empty()) {
        Deliveries one;
        one.splice(one.begin(), all.start, all.start.begin());
        start(std::move(one));
    }
    for (const auto& key : all.proceed)
        if (auto* known = lane(key.mailbox)) known->proceed(key);
    for (const auto& key : all.abandon)
        if (auto* known = lane(key.mailbox)) known->abandon(key);
}

void SmtpTransport::Loop::start(Deliveries one) {
    const auto& delivery = one.front();
    if (draining) return transport.done(delivery.key, domain::Abandoned{"shutdown"}, {});
    auto& entry = lanes[delivery.account->mailbox];
    if (!entry) entry = std::make_unique<SmtpLane>(events, transport.shared_, callbacks);
    lanes_count = lanes.size();
    entry->start(std::move(one));
    arm();
}

void SmtpTransport::Loop::arm() {
    if (std::exchange(ticking, true)) return;
    events.at(transport.clock_.steady_now() + transport.options_.tick, [this] {
        ticking = false;
        tick();
    });
}

void SmtpTransport::Loop::tick() {
    const auto now = transport.clock_.steady_now();
    for (const auto& [mailbox, lane] : lanes) lane->tick(now);
    std::erase_if(lanes, [](const auto& entry) { return entry.second->is_empty(); });
    lanes_count = lanes.size();
    if (!lanes.empty()) arm();
}

SmtpLane* SmtpTransport::Loop::lane(const MailboxId& mailbox) {
    const auto found = lanes.find(mailbox);
    return found == lanes.end() ? nullptr : found->second.get();
}

SmtpTransport::SmtpTransport(SmtpOptions options, domain::DeliveryListener& listener, const Clock& clock,
                             domain::TokenSource* tokens)
    : options_(std::move(options)),
      listener_(listener),
      clock_(clock),
      resolver_(clock),
      tls_(TlsContext::client(options_.ca_file)),
      shared_{options_, clock_, resolver_, *tls_, tokens} {
    for (int i = 0; i < std::max(1, options_.threads); ++i) loops_.push_back(std::make_unique<Loop>(*this));
    for (const auto& loop : loops_) loop->thread = std::thread{[&events = loop->events] { events.run(); }};
}

SmtpTransport::~SmtpTransport() {
    for (const auto& loop : loops_)
        loop->events.post([&loop = *loop] {
            loop.draining = true;
            for (const auto& [mailbox, lane] : loop.lanes) lane->end();
            loop.lanes.clear();
            loop.events.stop();
        });
    for (const auto& loop : loops_) loop->thread.join();
    resolver_.stop();
    if (shared_.tokens != nullptr) shared_.tokens->stop();
}

SmtpTransport::Loop& SmtpTransport::loop_of(const MailboxId& mailbox) {
    return *loops_[std::hash<MailboxId>{}(mailbox) % loops_.size()];
}

// The loop is told of the first order only: it has not come for them yet.
void SmtpTransport::order(const MailboxId& mailbox, auto&& add) {
    auto& loop = loop_of(mailbox);
    const bool is_first = loop.orders.with([&](Orders& waiting) {
        const bool was_empty = waiting.empty();
        add(waiting);
        return was_empty;
    });
    if (is_first) loop.events.post([&loop] { loop.run_orders(); });
}

void SmtpTransport::start(Delivery delivery) {
    ++in_flight_;
    const auto mailbox = delivery.account->mailbox;
    Deliveries one;
    one.push_back(std::move(delivery));
    order(mailbox, [&](Orders& orders) { orders.start.splice(orders.start.end(), one); });
}

void SmtpTransport::proceed(const DeliveryKey& key) {
    order(key.mailbox, [&](Orders& orders) { orders.proceed.push_back(key); });
}

void SmtpTransport::abandon(const DeliveryKey& key) {
    order(key.mailbox, [&](Orders& orders) { orders.abandon.push_back(key); });
}

void SmtpTransport::drain() {
    for (const auto& loop : loops_)
        loop->events.post([&loop = *loop] {
            loop.draining = true;
            for (const auto& [mailbox, lane] : loop.lanes) lane->drain();
        });
}

void SmtpTransport::done(const DeliveryKey& key, const domain::SendOutcome& outcome, const domain::Written& written) {
    --in_flight_;
    listener_.done(key, outcome, written);
}

std::size_t SmtpTransport::in_flight() const { return in_flight_; }

std::size_t SmtpTransport::connections() const {
    std::size_t count = 0;
    for (const auto& loop : loops_) count += loop->lanes_count;
    return count;
}

}  // namespace sequitur::mail
