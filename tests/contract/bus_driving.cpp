// How the contract's tests drive a bus.
#include <algorithm>
#include <map>
#include <set>

#include "contract/bus_contract.hpp"

namespace sequitur::test {

namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr auto bound = 30s;
constexpr int quiet_rounds = 10;

}  // namespace

std::vector<Uuid> BusContract::publish(domain::MessageBus& bus, const std::vector<std::string>& payloads,
                                       int first_slot, const std::string& topic) {
    std::vector<domain::OutgoingRecord> records;
    std::vector<Uuid> ids;
    for (const auto& payload : payloads) {
        ids.push_back(Uuid::v7(SystemClock{}.now()));
        records.push_back({topic, (first_slot + static_cast<int>(records.size())) % slots, ids.back(), payload});
    }
    bus.publish(records);
    return ids;
}

std::vector<Uuid> BusContract::publish_many(domain::MessageBus& bus, int count) {
    return publish(bus, std::vector<std::string>(static_cast<std::size_t>(count), "{}"));
}

bool BusContract::poll_until(const Subscriptions& members, Records& got, const std::function<bool()>& enough) {
    const auto deadline = Steady::now() + bound;
    while (!enough()) {
        if (Steady::now() > deadline) return false;
        for (auto* member : members) std::ranges::move(member->poll(100, 5ms), std::back_inserter(got));
    }
    return true;
}

bool BusContract::receive(const Subscriptions& members, Records& got, const std::vector<Uuid>& ids) {
    std::set<Uuid> missing{ids.begin(), ids.end()};
    std::size_t looked_at = 0;
    return poll_until(members, got, [&] {
        for (; looked_at < got.size(); ++looked_at) missing.erase(got[looked_at].id);
        return missing.empty();
    });
}

BusContract::Records BusContract::receive(domain::Subscription& member, const std::vector<Uuid>& ids) {
    Records got;
    EXPECT_TRUE(receive({&member}, got, ids)) << got.size() << " of " << ids.size() << " records came";
    return got;
}

std::vector<int> BusContract::commit(domain::Subscription& member, const Records& records) {
    std::map<int, std::int64_t> next;
    for (const auto& record : records) next[record.partition] = std::max(next[record.partition], record.offset + 1);
    std::vector<domain::Position> positions;
    for (const auto& [partition, offset] : next) positions.push_back({partition, offset});
    return member.commit(positions);
}

BusContract::Records BusContract::whatever_else_comes(domain::Subscription& member) {
    Records got;
    for (int quiet = 0; quiet < quiet_rounds; ++quiet) {
        auto more = member.poll(100, 20ms);
        if (!more.empty()) quiet = 0;
        std::ranges::move(more, std::back_inserter(got));
    }
    return got;
}

}  // namespace sequitur::test
