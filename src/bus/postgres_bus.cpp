#include "bus/postgres_bus.hpp"

#include <stdexcept>

#include "base/log.hpp"
#include "bus/postgres_subscription.hpp"
#include "bus/sql.hpp"

namespace sequitur::bus {

namespace {

PostgresBusConfig checked(PostgresBusConfig config) {
    config.check();
    return config;
}

}  // namespace

void PostgresBusConfig::check() const {
    const auto demand = [](bool holds, const char* rule) {
        if (!holds) throw std::invalid_argument(rule);
    };
    demand(partitions >= 1 && partitions <= slots, "bus.partitions must be 1 to 64");
    demand(heartbeat > Duration::zero(), "the bus heartbeat must be above zero");
    demand(2 * heartbeat < heard, "a bus member must be heard for longer than two heartbeats");
    demand(heard < trust && trust < lease, "a bus member must mistrust itself before its lease ends");
    demand(max_poll > Duration::zero(), "bus.max_poll must be above zero");
}

PostgresBus::PostgresBus(PostgresBusConfig config, const Clock& clock)
    : config_(checked(std::move(config))),
      clock_(clock),
      publishing_(config_.database_url, Durability::now),
      working_(config_.database_url, Durability::soon),
      publisher_(publishing_),
      pulse_(working_, config_, Uuid::v7(clock.now())),
      listener_(config_.database_url, {"bus"},
                [this](std::string_view, std::string_view announcement) { pulse_.hear(announcement); }) {}

void PostgresBus::ensure_topics() {
    for (const auto& topic : numbered_topics()) {
        const int partitions = topic.ring == Ring::dead_letters ? 1 : config_.partitions;
        publishing_.exec(sql::create_topic, pg::Params{topic.number, topic.name, static_cast<std::int16_t>(partitions),
                                                       static_cast<std::int16_t>(topic.ring)});
    }
}

void PostgresBus::publish(std::span<const domain::OutgoingRecord> records) {
    std::set<TopicNumber> topics;
    for (const auto& record : records) {
        require_publishable(record);
        topics.insert(required_topic_number(record.topic));
    }
    publisher_.publish(records);
    if (!topics.empty()) pulse_.announce(topics);
}

std::unique_ptr<domain::Subscription> PostgresBus::subscribe(std::string_view group, std::string_view topic) {
    return std::make_unique<PostgresSubscription>(working_, pulse_, config_, std::string{group}, std::string{topic},
                                                  required_topic_number(topic), Uuid::v7(clock_.now()));
}

std::vector<domain::MessageBus::Lag> PostgresBus::lag() {
    const auto rows = working_.exec(sql::lag);
    std::vector<Lag> lags;
    for (int i = 0; i < rows.rows(); ++i) {
        auto row = rows.row(i);
        auto group = row.next<std::string>();
        auto topic = row.next<std::string>();
        const auto partition = row.next<int>();
        const auto behind = row.next<std::int64_t>();
        lags.push_back({std::move(group), std::move(topic), partition, behind, row.next<std::int64_t>()});
    }
    return lags;
}

/// On a connection of its own: emptying a table may wait and take a second, heartbeats may not.
void PostgresBus::tidy() {
    Session housekeeping{config_.database_url, Durability::soon};
    for (const auto ring : {Ring::records, Ring::dead_letters}) {
        const auto became = housekeeping.exec(sql::rotate, pg::Params{static_cast<std::int16_t>(ring)});
        log::debug("bus retention", {{"ring", static_cast<int>(ring)}, {"outcome", became.get<std::string>(0, 0)}});
    }
    housekeeping.exec(sql::sweep);
}

}  // namespace sequitur::bus
