#include "app/engine.hpp"

#include "app/part_configs.hpp"
#include "store/api_settings.hpp"
#include "store/hot_settings.hpp"

namespace sequitur::app {

namespace {

// One a worker thread that talks to the queue; the writer and the relay have their own.
constexpr int hot_connections_max = 8;

}  // namespace

Engine::Engine(const Config& settings, store::Secrets opened)
    : config(settings),
      secrets(std::move(opened)),
      hot(config.text("database.url"), hot_connections_max, store::hot_settings()),
      api(config.text("database.url"), config.number("database.connections"), store::api_settings()),
      queue(hot, config.text("database.url"), config.duration("sender.lease")) {}

bus::PostgresBus& Engine::bus() {
    const std::scoped_lock lock{mutex_};
    if (!bus_) {
        bus_ = std::make_unique<bus::PostgresBus>(bus_config(config), clock);
        bus_->ensure_topics();
    }
    return *bus_;
}

}  // namespace sequitur::app
