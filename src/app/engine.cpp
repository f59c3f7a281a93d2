#include "app/engine.hpp"

#include "app/part_configs.hpp"
#include "base/log.hpp"
#include "bus/kafka_bus.hpp"
#include "bus/metered_bus.hpp"
#include "bus/postgres_bus.hpp"
#include "store/api_settings.hpp"
#include "store/hot_settings.hpp"

namespace sequitur::app {

namespace {

// One a worker thread that talks to the queue; the writer and the relay have their own.
constexpr int hot_connections_max = 8;

std::unique_ptr<domain::MessageBus> postgres_bus(const Config& config, const Clock& clock) {
    auto bus = std::make_unique<bus::PostgresBus>(postgres_bus_config(config), clock);
    bus->ensure_topics();
    return bus;
}

/// Kafka may come later than we do: the API needs none, the others try again.
std::unique_ptr<domain::MessageBus> kafka_bus(const Config& config) {
    auto bus = std::make_unique<bus::KafkaBus>(kafka_bus_config(config));
    try {
        bus->ensure_topics();
    } catch (const domain::BusError& error) {
        log::warn("Kafka is not there yet", {{"brokers", config.text("kafka.brokers")}, {"error", error.what()}});
    }
    return bus;
}

}  // namespace

Engine::Engine(const Config& settings, store::Secrets opened)
    : config(settings),
      secrets(std::move(opened)),
      hot(config.text("database.url"), hot_connections_max, store::hot_settings()),
      api(config.text("database.url"), config.number("database.connections"), store::api_settings()),
      queue(hot, config.text("database.url"), config.duration("sender.lease")),
      links(api, secrets, clock) {}

domain::MessageBus& Engine::bus() {
    const std::scoped_lock lock{mutex_};
    if (!bus_)
        bus_ = std::make_unique<bus::MeteredBus>(
            config.text("bus.kind") == "kafka" ? kafka_bus(config) : postgres_bus(config, clock), metrics);
    return *bus_;
}

}  // namespace sequitur::app
