#include "app/wiring.hpp"

#include "app/part_configs.hpp"
#include "app/worker_role.hpp"
#include "pg/listener.hpp"
#include "store/event_store.hpp"
#include "store/outbox_store.hpp"
#include "workers/event_recorder.hpp"
#include "workers/outbox_relay.hpp"
#include "workers/retry_consumer.hpp"

namespace sequitur::app {

namespace {

template <class... Kept>
std::unique_ptr<Role> role(std::unique_ptr<workers::Worker> worker, std::unique_ptr<Kept>... kept) {
    return std::make_unique<WorkerRole<Kept...>>(std::move(worker), std::move(kept)...);
}

}  // namespace

std::unique_ptr<Role> wire_producer(Engine& engine) {
    auto producer = std::make_unique<workers::BatchProducer>(engine.queue, engine.producer_bell, engine.relay_bell,
                                                             producer_config(engine.config), engine.surroundings());
    // What other processes make due; the producer looks again by itself if this is late or lost.
    auto due =
        std::make_unique<pg::Listener>(engine.config.text("database.url"), std::vector<std::string>{"sequitur_due"},
                                       [&engine](auto, auto) { engine.producer_bell.ring(); });
    return role(std::move(producer), std::move(due));
}

std::unique_ptr<Role> wire_relay(Engine& engine) {
    auto outbox = std::make_unique<store::OutboxStore>(engine.config.text("database.url"));
    auto relay = std::make_unique<workers::OutboxRelay>(*outbox, engine.bus(), engine.relay_bell,
                                                        workers::RelayConfig{}, engine.surroundings());
    return role(std::move(relay), std::move(outbox));
}

std::unique_ptr<Role> wire_followup(Engine& engine) {
    return role(std::make_unique<workers::FollowupScheduler>(engine.bus(), engine.queue, engine.producer_bell,
                                                             followup_config(engine.config), engine.surroundings()));
}

std::unique_ptr<Role> wire_retry(Engine& engine) {
    return role(std::make_unique<workers::RetryConsumer>(engine.bus(), engine.queue, engine.producer_bell,
                                                         engine.surroundings()));
}

std::unique_ptr<Role> wire_recorder(Engine& engine) {
    auto events = std::make_unique<store::EventStore>(engine.hot);
    auto recorder = std::make_unique<workers::EventRecorder>(engine.bus(), *events, engine.surroundings());
    return role(std::move(recorder), std::move(events));
}

std::unique_ptr<Role> wire_janitor(Engine& engine) {
    return role(std::make_unique<workers::Janitor>(engine.queue, engine.bus(), engine.producer_bell,
                                                   janitor_config(engine.config), engine.surroundings()));
}

std::unique_ptr<Role> wire(RoleName name, Engine& engine, http::SystemApi& system) {
    switch (name) {
        case RoleName::api: return wire_api(engine, system);
        case RoleName::producer: return wire_producer(engine);
        case RoleName::relay: return wire_relay(engine);
        case RoleName::sender: return wire_sender(engine);
        case RoleName::followup: return wire_followup(engine);
        case RoleName::retry: return wire_retry(engine);
        case RoleName::recorder: return wire_recorder(engine);
        case RoleName::janitor: return wire_janitor(engine);
    }
    return nullptr;
}

}  // namespace sequitur::app
