#include "contract/bus_contract.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <future>
#include <map>
#include <set>
#include <thread>

namespace sequitur::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;

std::vector<Uuid> ids_of(const std::vector<domain::BusRecord>& records) {
    std::vector<Uuid> ids;
    for (const auto& record : records) ids.push_back(record.id);
    return ids;
}

TEST_P(BusContract, DeliversRecordsAsTheyWerePublished) {
    const auto bus = process();
    const std::vector<std::string> payloads{"", {"\0null\0", 6}, "\xff\xfe not UTF-8", "{}", std::string(200'000, 'x')};
    const auto ids = publish(*bus, payloads, 62);
    const auto member = bus->subscribe("sender", "email-jobs");
    const auto got = receive(*member, ids);
    ASSERT_THAT(got, SizeIs(ids.size()));
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto record = std::ranges::find(got, ids[i], &domain::BusRecord::id);
        ASSERT_NE(record, got.end());
        EXPECT_EQ(record->payload, payloads[i]);
        EXPECT_EQ(record->topic, "email-jobs");
        EXPECT_EQ(record->slot, static_cast<int>((62 + i) % 64));
        EXPECT_GT(record->at, TimePoint{});
    }
}

TEST_P(BusContract, KeepsWhatWasPublishedWhenThePublisherIsGone) {
    auto publisher = process();
    const auto ids = publish_many(*publisher, 10);
    publisher.reset();
    const auto bus = process();
    EXPECT_THAT(receive(*bus->subscribe("sender", "email-jobs"), ids), SizeIs(10));
}

TEST_P(BusContract, NumbersTheRecordsOfAPartitionWithoutGapsInTheOrderOfDelivery) {
    const auto bus = process();
    const auto got = receive(*bus->subscribe("sender", "email-jobs"), publish_many(*bus, 300));
    std::map<int, std::int64_t> next;
    for (const auto& record : got) EXPECT_EQ(record.offset, next[record.partition]++);
}

TEST_P(BusContract, PutsAllRecordsOfASlotIntoOnePartition) {
    const auto bus = process();
    publish_many(*bus, 64);
    const auto got = receive(*bus->subscribe("sender", "email-jobs"), publish_many(*bus, 64));
    std::map<int, std::set<int>> partitions;
    for (const auto& record : got) partitions[record.slot].insert(record.partition);
    for (const auto& [slot, where] : partitions) EXPECT_THAT(where, SizeIs(1)) << slot;
}

TEST_P(BusContract, GivesAtMostAsManyRecordsAsAskedFor) {
    const auto bus = process();
    const auto ids = publish_many(*bus, 20);
    const auto member = bus->subscribe("sender", "email-jobs");
    std::vector<Uuid> got;
    while (got.size() < ids.size()) {
        const auto records = member->poll(3, 10s);
        ASSERT_FALSE(records.empty());
        EXPECT_LE(records.size(), 3U);
        for (const auto& record : records) got.push_back(record.id);
    }
    EXPECT_THAT(got, UnorderedElementsAreArray(ids));
}

TEST_P(BusContract, StarvesNoPartition) {
    const auto bus = process();
    const auto member = bus->subscribe("sender", "email-jobs");
    for (int i = 0; i < 200; ++i) publish(*bus, {"busy"}, 0);
    publish(*bus, {"patient"}, 1);
    int polls = 0;
    for (bool found = false; !found; ++polls) {
        const auto records = member->poll(1, 10s);
        ASSERT_THAT(records, SizeIs(1));
        commit(*member, records);  // as a worker does: reading ahead gets the time that it has there
        found = records[0].payload == "patient";
    }
    EXPECT_LT(polls, 100);
}

TEST_P(BusContract, DeliversAgainWhatALeavingMemberDidNotCommit) {
    const auto bus = process();
    const auto ids = publish_many(*bus, 20);
    auto member = bus->subscribe("sender", "email-jobs");
    const auto got = receive(*member, ids);
    const Records committed{got.begin(), got.begin() + 5};
    EXPECT_THAT(commit(*member, committed), IsEmpty());
    member.reset();

    std::map<int, std::int64_t> next;
    for (const auto& record : committed) next[record.partition] = std::max(next[record.partition], record.offset + 1);
    std::vector<Uuid> open;
    for (const auto& record : got)
        if (record.offset >= next[record.partition]) open.push_back(record.id);
    const auto successor = bus->subscribe("sender", "email-jobs");
    EXPECT_THAT(ids_of(receive(*successor, open)), UnorderedElementsAreArray(open));
    EXPECT_THAT(whatever_else_comes(*successor), IsEmpty());
}

TEST_P(BusContract, NeverMovesACommitBackwards) {
    const auto bus = process({.partitions = 1});
    auto member = bus->subscribe("sender", "email-jobs");
    receive(*member, publish_many(*bus, 10));
    EXPECT_THAT(member->commit(std::vector{domain::Position{0, 7}}), IsEmpty());
    EXPECT_THAT(member->commit(std::vector{domain::Position{0, 2}}), IsEmpty());
    member.reset();
    const auto successor = bus->subscribe("sender", "email-jobs");
    const auto got = successor->poll(100, 10s);
    ASSERT_FALSE(got.empty());
    EXPECT_EQ(got[0].offset, 7);
}

TEST_P(BusContract, GivesEveryGroupEveryRecordFromTheOldestOn) {
    const auto bus = process();
    const auto before = publish_many(*bus, 10);
    const auto first = bus->subscribe("sender", "email-jobs");
    commit(*first, receive(*first, before));
    const auto late = bus->subscribe("audit", "email-jobs");
    EXPECT_THAT(ids_of(receive(*late, before)), UnorderedElementsAreArray(before));
    const auto after = publish_many(*bus, 10);
    EXPECT_THAT(ids_of(receive(*first, after)), UnorderedElementsAreArray(after));
    EXPECT_THAT(ids_of(receive(*late, after)), UnorderedElementsAreArray(after));
}

TEST_P(BusContract, KeepsTopicsApart) {
    const auto bus = process();
    publish(*bus, {"job"});
    const auto events = publish(*bus, {"event"}, 0, "email-events");
    const auto member = bus->subscribe("recorder", "email-events");
    EXPECT_THAT(ids_of(receive(*member, events)), ElementsAre(events[0]));
    EXPECT_THAT(whatever_else_comes(*member), IsEmpty());
}

TEST_P(BusContract, SharesThePartitionsOutWhileWorkGoesOnAndLosesNothing) {
    const auto one = process();
    const auto other = process();
    auto published = publish_many(*one, 100);
    const auto a = one->subscribe("sender", "email-jobs");
    auto b = other->subscribe("sender", "email-jobs");
    Records by_a;
    Records by_b;
    int first_slot = 0;
    const auto work = [&](const std::function<bool()>& enough) {
        const auto round = [&](domain::Subscription& member, Records& got) {
            const auto records = member.poll(7, 5ms);
            commit(member, records);
            got.insert(got.end(), records.begin(), records.end());
        };
        return poll_until({}, by_a, [&] {
            // Into all slots by and by: whoever holds a partition gets some.
            std::ranges::copy(publish(*one, {"{}", "{}"}, first_slot++ % slots), std::back_inserter(published));
            round(*a, by_a);
            if (b) round(*b, by_b);
            return enough();
        });
    };
    const auto shared = [&] {
        std::set<int> all;
        for (const auto& held : {a->held(), b->held()}) all.insert(held.begin(), held.end());
        return a->held().size() == 2 && b->held().size() == 2 && all.size() == 4;
    };
    EXPECT_TRUE(work(shared));
    EXPECT_TRUE(work([&, enough = by_b.size() + 10] { return by_b.size() >= enough; }));
    b.reset();
    EXPECT_TRUE(work([&] { return a->held().size() == 4; }));
    by_a.insert(by_a.end(), by_b.begin(), by_b.end());
    EXPECT_TRUE(receive({a.get()}, by_a, published));
}

TEST_P(BusContract, GivesNothingWhilePausedAndKeepsTheMembersPlace) {
    const auto bus = process();
    const auto paused = bus->subscribe("sender", "email-jobs");
    const auto working = bus->subscribe("sender", "email-jobs");
    Records got;
    ASSERT_TRUE(poll_until({paused.get(), working.get()}, got,
                           [&] { return paused->held().size() == 2 && working->held().size() == 2; }));
    paused->pause();
    const auto ids = publish_many(*bus, 64);
    Records by_paused;
    ASSERT_TRUE(poll_until({working.get()}, got, [&] {
        std::ranges::move(paused->poll(100, 5ms), std::back_inserter(by_paused));
        return got.size() >= 32;
    }));
    EXPECT_THAT(whatever_else_comes(*paused), IsEmpty());
    EXPECT_THAT(by_paused, IsEmpty());
    EXPECT_THAT(paused->held(), SizeIs(2));
    paused->resume();
    EXPECT_TRUE(receive({paused.get(), working.get()}, got, ids));
}

TEST_P(BusContract, ReplacesAFrozenMemberAndRefusesItsLateCommit) {
    const auto frozen_process = process({.max_poll = 200ms});
    const auto ids = publish_many(*frozen_process, 20);
    const auto frozen = frozen_process->subscribe("sender", "email-jobs");
    const auto by_frozen = receive(*frozen, ids);

    const auto bus = process();
    const auto successor = bus->subscribe("sender", "email-jobs");
    const auto got = receive(*successor, ids);
    ASSERT_THAT(successor->held(), SizeIs(4));
    EXPECT_THAT(frozen->held(), IsEmpty());
    EXPECT_THAT(commit(*frozen, by_frozen), UnorderedElementsAreArray(successor->held()));
    EXPECT_THAT(commit(*successor, {got.begin(), got.begin() + 1}), IsEmpty());

    // Back at work, it gets its share again, from where the group is now.
    Records later;
    ASSERT_TRUE(poll_until({frozen.get(), successor.get()}, later,
                           [&] { return frozen->held().size() == 2 && successor->held().size() == 2; }));
    EXPECT_TRUE(receive({frozen.get(), successor.get()}, later, publish_many(*bus, 64)));
}

TEST_P(BusContract, RefusesACommitOfWhatIsNotHeld) {
    const auto bus = process();
    publish_many(*bus, 20);
    const auto member = bus->subscribe("sender", "email-jobs");
    EXPECT_THAT(member->commit(std::vector{domain::Position{0, 1}}), ElementsAre(0));
    EXPECT_THAT(member->commit({}), IsEmpty());
}

TEST_P(BusContract, KeepsADeadLetterWithCoordinatesAndReason) {
    const auto bus = process();
    const auto member = bus->subscribe("sender", "email-jobs");
    const auto poison = receive(*member, publish(*bus, {"no JSON"}, 9));
    bus->publish(std::vector{domain::dead_letter(poison[0], "sender", "not JSON at all", SystemClock{}.now())});
    EXPECT_THAT(commit(*member, poison), IsEmpty());

    const auto letters = bus->subscribe("reader", "email-jobs.dlq")->poll(10, 10s);
    ASSERT_THAT(letters, SizeIs(1));
    for (const auto* part : {"\"topic\":\"email-jobs\"", "\"slot\":9", "\"group\":\"sender\"", "\"not JSON at all\""})
        EXPECT_THAT(letters[0].payload, ::testing::HasSubstr(part));
    EXPECT_THAT(letters[0].payload, ::testing::HasSubstr("\"offset\":" + std::to_string(poison[0].offset)));
}

TEST_P(BusContract, TellsHowFarAGroupIsBehind) {
    const auto bus = process();
    const auto behind = [&] {
        std::int64_t records = 0;
        for (const auto& lag : bus->lag())
            if (lag.group == "sender" && lag.topic == "email-jobs") records += lag.records;
        return records;
    };
    const auto member = bus->subscribe("sender", "email-jobs");
    const auto got = receive(*member, publish_many(*bus, 30));
    EXPECT_EQ(behind(), 30);
    commit(*member, got);
    EXPECT_EQ(behind(), 0);
}

TEST_P(BusContract, EndsAWaitingPollWhenWoken) {
    const auto bus = process();
    const auto member = bus->subscribe("sender", "email-jobs");
    const auto began = std::chrono::steady_clock::now();
    auto waiting = std::async(std::launch::async, [&] { return member->poll(10, 30s); });
    member->wake();
    EXPECT_THAT(waiting.get(), IsEmpty());
    EXPECT_LT(std::chrono::steady_clock::now() - began, 25s);
}

TEST_P(BusContract, EndsAWaitingPollWhenARecordComesFromAnyProcess) {
    const auto bus = process();
    const auto other = process();
    const auto member = bus->subscribe("sender", "email-jobs");
    for (auto* publisher : {bus.get(), other.get()}) {
        EXPECT_THAT(whatever_else_comes(*member), IsEmpty());
        const auto ids = publish(*publisher, {"{}"});
        EXPECT_THAT(ids_of(member->poll(10, 30s)), ElementsAre(ids[0]));
    }
}

TEST_P(BusContract, TakesRecordsFromManyThreadsAtOnce) {
    const auto bus = process();
    std::vector<std::future<std::vector<Uuid>>> threads;
    for (int i = 0; i < 8; ++i) {
        threads.push_back(std::async(std::launch::async, [&] {
            std::vector<Uuid> ids;
            for (int n = 0; n < 25; ++n) ids.push_back(publish(*bus, {"{}"}, n)[0]);
            return ids;
        }));
    }
    std::vector<Uuid> ids;
    for (auto& thread : threads) std::ranges::copy(thread.get(), std::back_inserter(ids));
    EXPECT_THAT(ids_of(receive(*bus->subscribe("sender", "email-jobs"), ids)), UnorderedElementsAreArray(ids));
}

TEST_P(BusContract, SplitsNoSlotWhenPartitionsAreAdded) {
    const auto small = process({.partitions = 2});
    const auto member = small->subscribe("sender", "email-jobs");
    const auto before = receive(*member, publish_many(*small, 128));
    commit(*member, before);

    const auto large = process({.partitions = 4});
    const auto knows_all = [&](domain::MessageBus& publisher) {
        return std::ranges::any_of(receive(*member, publish_many(publisher, 128)),
                                   [](const auto& record) { return record.partition >= 2; });
    };
    // A publisher may learn of them a moment later than they are made.
    for (auto* publisher : {small.get(), large.get()})
        for (int tries = 0; tries < 100 && !knows_all(*publisher); ++tries) {}
    auto ids = publish_many(*small, 128);
    std::ranges::copy(publish_many(*large, 128), std::back_inserter(ids));
    std::map<int, std::set<int>> partitions;
    for (const auto& record : receive(*member, ids)) partitions[record.slot].insert(record.partition);
    ASSERT_THAT(partitions, SizeIs(64));
    std::set<int> used;
    for (const auto& [slot, where] : partitions) {
        EXPECT_THAT(where, SizeIs(1)) << slot;
        used.insert(where.begin(), where.end());
    }
    EXPECT_THAT(used, SizeIs(4));
}

}  // namespace
}  // namespace sequitur::test
