// A bus in memory that a test feeds, breaks and inspects. One member a (group, topic) at a time gets
// everything; a new member starts at the committed offsets. `trace` tells in which order things happened.
// Not thread-safe.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "domain/ports/message_bus.hpp"
#include "support/trace.hpp"

namespace sequitur::test {

class FakeBus final : public domain::MessageBus {
public:
    explicit FakeBus(Trace& trace) : trace_(trace) {}

    // Scripted: so many of the next calls throw BusError.
    int publishes_to_fail = 0;
    int polls_to_fail = 0;
    int commits_to_fail = 0;
    /// Partitions that somebody else holds now.
    std::vector<int> refused_commits;
    /// What every member says it holds.
    std::vector<int> held;
    // Told.
    std::vector<domain::OutgoingRecord> published;
    std::map<std::pair<std::string, int>, std::int64_t> committed;  ///< by (topic, partition): next offset
    int subscriptions_made = 0;
    int subscriptions_open = 0;
    int tidied = 0;

    /// Puts a record where consumers of `topic` find it.
    void feed(std::string_view topic, std::string payload, int partition = 0) {
        auto& log = logs_[{std::string{topic}, partition}];
        const auto offset = static_cast<std::int64_t>(log.size());
        log.push_back({.topic = std::string{topic},
                       .partition = partition,
                       .offset = offset,
                       .slot = partition,
                       .id = {},
                       .at = {},
                       .payload = std::move(payload)});
    }

    void publish(std::span<const domain::OutgoingRecord> records) override {
        fail(publishes_to_fail, "publish");
        for (const auto& record : records) {
            published.push_back(record);
            trace_.push_back("publish " + record.topic);
        }
    }

    std::unique_ptr<domain::Subscription> subscribe(std::string_view group, std::string_view topic) override {
        return std::make_unique<Member>(*this, std::string{group}, std::string{topic});
    }
    std::vector<Lag> lag() override { return {}; }
    void tidy() override { ++tidied; }

private:
    class Member final : public domain::Subscription {
    public:
        Member(FakeBus& bus, std::string group, std::string topic)
            : bus_(bus), group_(std::move(group)), topic_(std::move(topic)) {
            ++bus_.subscriptions_made;
            ++bus_.subscriptions_open;
            for (const auto& [place, log] : bus_.logs_)
                if (place.first == topic_) next_[place.second] = bus_.committed[place];
        }
        ~Member() override { --bus_.subscriptions_open; }

        std::vector<domain::BusRecord> poll(std::size_t records_max, Duration) override {
            fail(bus_.polls_to_fail, "poll");
            std::vector<domain::BusRecord> records;
            for (const auto& [place, log] : bus_.logs_) {
                if (place.first != topic_) continue;
                auto& next = next_[place.second];
                for (; next < std::ssize(log) && records.size() < records_max; ++next)
                    records.push_back(log[static_cast<std::size_t>(next)]);
            }
            return records;
        }
        std::vector<int> commit(std::span<const domain::Position> positions) override {
            fail(bus_.commits_to_fail, "commit");
            for (const auto& position : positions) {
                if (std::ranges::find(bus_.refused_commits, position.partition) != bus_.refused_commits.end()) continue;
                auto& committed = bus_.committed[{topic_, position.partition}];
                committed = std::max(committed, position.next_offset);
                bus_.trace_.push_back("commit " + topic_ + ' ' + std::to_string(position.partition) + ':' +
                                      std::to_string(position.next_offset));
            }
            return bus_.refused_commits;
        }
        void pause() override {}
        void resume() override {}
        std::vector<int> held() const override { return bus_.held; }
        void wake() override {}

    private:
        FakeBus& bus_;
        const std::string group_;
        const std::string topic_;
        std::map<int, std::int64_t> next_;
    };

    static void fail(int& times, const char* what) {
        if (times == 0) return;
        --times;
        throw domain::BusError(std::string{what} + " was told to fail");
    }

    Trace& trace_;
    std::map<std::pair<std::string, int>, std::vector<domain::BusRecord>> logs_;
};

}  // namespace sequitur::test
