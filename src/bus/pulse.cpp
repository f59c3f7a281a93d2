#include "bus/pulse.hpp"

#include <algorithm>
#include <charconv>

#include "base/log.hpp"
#include "bus/sql.hpp"
#include "domain/ports/message_bus.hpp"

namespace sequitur::bus {

namespace {

using Steady = std::chrono::steady_clock;

/// "<process>,<topic>,<topic>": what tell() writes.
struct Announcement {
    std::string_view process;
    std::set<TopicNumber> topics;
};

Announcement parse(std::string_view text) {
    Announcement parsed;
    parsed.process = text.substr(0, text.find(','));
    text.remove_prefix(parsed.process.size());
    while (text.starts_with(',')) {
        TopicNumber topic = 0;
        const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), topic);
        if (error != std::errc{}) break;
        parsed.topics.insert(topic);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    }
    return parsed;
}

}  // namespace

Pulse::Pulse(Session& session, const PostgresBusConfig& config, const Uuid& process)
    : session_(session),
      config_(config),
      process_(process.hex()),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Pulse::add(Member& member) {
    const std::scoped_lock lock{members_mutex_};
    members_.push_back(&member);
}

void Pulse::remove(Member& member) {
    const std::scoped_lock lock{beating_, members_mutex_};
    std::erase(members_, &member);
}

void Pulse::beat(Member& member) {
    const std::scoped_lock lock{beating_};
    beat(std::vector{&member});
}

void Pulse::beat_all() {
    const std::scoped_lock lock{beating_};
    std::vector<Member*> alive;
    {
        const std::scoped_lock members_lock{members_mutex_};
        const auto since = Steady::now() - config_.max_poll;
        std::ranges::copy_if(members_, std::back_inserter(alive),
                             [&](const Member* member) { return member->last_poll.load() > since; });
    }
    if (!alive.empty()) beat(alive);
}

void Pulse::beat(const std::vector<Member*>& members) {
    std::vector<std::string> groups;
    std::vector<TopicNumber> topics;
    std::vector<Uuid> ids;
    for (const auto* member : members) {
        groups.push_back(member->group);
        topics.push_back(member->topic);
        ids.push_back(member->id);
    }
    const auto began = Steady::now();
    session_.exec(sql::heartbeat, pg::Params{groups, topics, ids, config_.lease});
    for (auto* member : members) member->heartbeat_began = began;
}

void Pulse::ring(const auto& concerns) {
    const std::scoped_lock lock{members_mutex_};
    for (auto* member : members_)
        if (concerns(member->topic)) member->bell.ring();
}

void Pulse::announce(const std::set<TopicNumber>& topics) {
    ring([&](TopicNumber topic) { return topics.contains(topic); });
    const std::scoped_lock lock{mutex_};
    untold_.insert(topics.begin(), topics.end());
    news_ = true;
    changed_.notify_one();
}

void Pulse::hear(std::string_view announcement) {
    if (announcement.empty()) return ring([](TopicNumber) { return true; });
    const auto [process, topics] = parse(announcement);
    if (process != process_) ring([&](TopicNumber topic) { return topics.contains(topic); });
}

void Pulse::tell(const std::set<TopicNumber>& topics) {
    std::string text = process_;
    for (const auto topic : topics) text += "," + std::to_string(topic);
    session_.exec(sql::announce, pg::Params{text});
}

void Pulse::run(const std::stop_token& stop) {
    auto next_beat = Steady::now();
    auto next_telling = Steady::now();
    std::unique_lock lock{mutex_};
    while (!stop.stop_requested()) {
        const auto due = untold_.empty() ? next_beat : std::min(next_beat, next_telling);
        changed_.wait_until(lock, stop, due, [&] { return std::exchange(news_, false); });
        const auto now = Steady::now();
        const auto topics = now >= next_telling ? std::exchange(untold_, {}) : std::set<TopicNumber>{};
        lock.unlock();
        try {
            if (!topics.empty()) {
                next_telling = now + config_.announce_gap;
                tell(topics);
            }
            if (now >= next_beat) {
                next_beat = now + config_.heartbeat;
                beat_all();
            }
        } catch (const domain::BusError& error) { log::warn("bus heartbeat failed", {{"error", error.what()}}); }
        lock.lock();
    }
}

}  // namespace sequitur::bus
