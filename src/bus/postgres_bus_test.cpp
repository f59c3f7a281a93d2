// What the embedded bus adds to the contract: what it costs, what retention takes, how it outlives outages.
#include "bus/postgres_bus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pg/connection.hpp"
#include "support/bus_schema.hpp"
#include "support/temp_database.hpp"

namespace sequitur::bus {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Steady = std::chrono::steady_clock;

class EmbeddedBus : public ::testing::Test {
protected:
    EmbeddedBus() { database.script(test::bus_schema()); }

    PostgresBusConfig config() const { return {.database_url = database.url(), .partitions = 1}; }
    std::unique_ptr<PostgresBus> process(const PostgresBusConfig& config) const {
        auto bus = std::make_unique<PostgresBus>(config, clock);
        bus->ensure_topics();
        return bus;
    }
    std::unique_ptr<PostgresBus> process() const { return process(config()); }

    void publish(PostgresBus& bus, int count) const {
        std::vector<domain::OutgoingRecord> records;
        for (int i = 0; i < count; ++i) records.push_back({"email-jobs", i, Uuid::v7(clock.now()), "{}"});
        bus.publish(records);
    }
    template <class T> T value(const std::string& sql) const {
        return pg::Connection{database.url()}.query(sql).get<T>(0, 0);
    }
    std::int64_t kept() const { return value<std::int64_t>("SELECT count(*) FROM bus_log"); }

    SystemClock clock;
    test::TempDatabase database;
};

TEST_F(EmbeddedBus, CostsLittleWhileNothingHappens) {
    // Statistics of a session are complete once it has ended; each statement is a transaction.
    const std::string transactions = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";
    auto settings = config();
    settings.heartbeat = 100ms;
    settings.look_anyway = 100ms;
    process(settings).reset();
    const auto before = value<std::int64_t>(transactions);
    const auto began = Steady::now();
    {
        const auto bus = process(settings);
        const auto member = bus->subscribe("sender", "email-jobs");
        while (Steady::now() < began + 1s) EXPECT_THAT(member->poll(10, 3ms), IsEmpty());
    }
    const auto elapsed = Steady::now() - began;
    const auto connecting_preparing_and_leaving = 60;
    EXPECT_LE(value<std::int64_t>(transactions) - before,
              2 * (elapsed / settings.heartbeat) + elapsed / settings.look_anyway + connecting_preparing_and_leaving);
}

TEST_F(EmbeddedBus, AnnouncesABurstInFewNotifications) {
    const auto bus = process();
    pg::Connection ear{database.url()};
    ear.script("LISTEN bus");
    const auto began = Steady::now();
    for (int i = 0; i < 200; ++i) publish(*bus, 1);
    const auto gaps = (Steady::now() - began) / config().announce_gap;
    // What is announced last is heard before the end is: one session's notifications keep their order.
    std::vector<pg::Notification> heard;
    while (heard.empty() && ear.wait_notification(10s)) heard = ear.notifications();
    ASSERT_FALSE(heard.empty());
    pg::Connection{database.url()}.script("SELECT pg_notify('bus', 'end')");
    while (heard.back().payload != "end" && ear.wait_notification(10s))
        for (auto& more : ear.notifications()) heard.push_back(std::move(more));
    EXPECT_GE(heard.size(), 2U);
    EXPECT_LE(static_cast<std::int64_t>(heard.size()), gaps + 3);
}

TEST_F(EmbeddedBus, KeepsWhatAGroupHasNotReadAndThenLetsItGo) {
    const auto bus = process();
    const auto member = bus->subscribe("sender", "email-jobs");
    publish(*bus, 10);
    EXPECT_THAT(member->poll(100, 10s), SizeIs(10));
    database.script("UPDATE bus_ring SET rotate_after = '0'");
    for (int i = 0; i < 5; ++i) bus->tidy();
    EXPECT_EQ(kept(), 10);
    EXPECT_THAT(member->commit(std::vector{domain::Position{0, 10}}), IsEmpty());
    for (int i = 0; i < 5; ++i) bus->tidy();
    EXPECT_EQ(kept(), 0);

    publish(*bus, 3);
    const auto late = bus->subscribe("late", "email-jobs");
    for (auto* reader : {member.get(), late.get()}) {
        const auto records = reader->poll(100, 10s);
        ASSERT_THAT(records, SizeIs(3));
        EXPECT_EQ(records[0].offset, 10);
    }
}

/// One member holds both.
class TwoPartitions : public EmbeddedBus {
protected:
    TwoPartitions() {
        while (member->held().size() < 2) EXPECT_THAT(member->poll(0, 10ms), IsEmpty());
    }

    void publish_to(int slot, std::size_t count) const {
        std::vector<domain::OutgoingRecord> records(count);
        for (auto& record : records) record = {"email-jobs", slot, Uuid::v7(clock.now()), "{}"};
        bus->publish(records);
    }

    std::unique_ptr<PostgresBus> bus = process({.database_url = database.url(), .partitions = 2});
    std::unique_ptr<domain::Subscription> member = bus->subscribe("sender", "email-jobs");
};

TEST_F(TwoPartitions, GiveEachAShareOfWhatWaitsInIt) {
    publish_to(0, 30);
    publish_to(1, 6);

    const auto taken = member->poll(12, 10s);

    const auto of_busy = std::ranges::count(taken, 0, &domain::BusRecord::partition);
    EXPECT_EQ(of_busy, 10);
    EXPECT_THAT(taken, SizeIs(12));
}

TEST_F(TwoPartitions, GiveNoShareForRecordsThatRetentionTook) {
    publish_to(0, 30);
    database.script("UPDATE bus_ring SET rotate_after = '0', keep_max = '0'");
    for (int i = 0; i < 3; ++i) bus->tidy();
    publish_to(1, 20);

    EXPECT_THAT(member->poll(12, 10s), SizeIs(12));
}

TEST_F(EmbeddedBus, SaysHowManyRecordsRetentionTookUnread) {
    const auto bus = process();
    auto member = bus->subscribe("sender", "email-jobs");
    publish(*bus, 10);
    EXPECT_THAT(member->poll(4, 10s), SizeIs(4));
    database.script("UPDATE bus_ring SET rotate_after = '0', keep_max = '0'");
    for (int i = 0; i < 3; ++i) bus->tidy();
    ASSERT_THAT(bus->lag(), SizeIs(1));
    EXPECT_EQ(bus->lag()[0].lost, 10);
    EXPECT_EQ(bus->lag()[0].records, 0);
    publish(*bus, 2);
    const auto records = member->poll(100, 10s);
    ASSERT_THAT(records, SizeIs(2));
    EXPECT_EQ(records[0].offset, 10);
}

TEST_F(EmbeddedBus, DoesNotWaitForAReportThatHoldsTheLog) {
    const auto bus = process();
    publish(*bus, 1);
    database.script("UPDATE bus_ring SET rotate_after = '0'");
    pg::Connection report{database.url()};
    report.script("BEGIN; SELECT count(*) FROM bus_log");
    bus->tidy();
    publish(*bus, 1);
    EXPECT_EQ(kept(), 2);
    EXPECT_EQ(value<std::int16_t>("SELECT current_segment FROM bus_ring WHERE ring = 0"), 0);
}

TEST_F(EmbeddedBus, GoesOnAfterItsConnectionsAreLost) {
    const auto bus = process();
    const auto member = bus->subscribe("sender", "email-jobs");
    publish(*bus, 1);
    EXPECT_THAT(member->poll(10, 10s), SizeIs(1));
    database.script("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    EXPECT_THROW(publish(*bus, 1), domain::BusError);
    publish(*bus, 2);
    std::vector<domain::BusRecord> got;
    for (const auto bound = Steady::now() + 20s; got.size() < 2 && Steady::now() < bound;) {
        try {
            for (auto& record : member->poll(10, 100ms)) got.push_back(std::move(record));
        } catch (const domain::BusError&) {
            continue;  // the heartbeat may have met the loss first, or the poll does
        }
    }
    EXPECT_THAT(got, SizeIs(2));
    EXPECT_THAT(member->commit(std::vector{domain::Position{0, 3}}), IsEmpty());
}

TEST_F(EmbeddedBus, LeavesAtOnceWhenASubscriptionEnds) {
    const auto bus = process();
    publish(*bus, 1);
    auto member = bus->subscribe("sender", "email-jobs");
    EXPECT_THAT(member->poll(10, 10s), SizeIs(1));
    EXPECT_EQ(value<std::int64_t>("SELECT count(owner) FROM bus_lease"), 1);
    member.reset();
    EXPECT_EQ(value<std::int64_t>("SELECT count(owner) FROM bus_lease"), 0);
    EXPECT_EQ(value<std::int64_t>("SELECT count(*) FROM bus_member"), 0);
}

TEST_F(EmbeddedBus, GoesOnWithAPartitionItTookWithoutHearingOfIt) {
    auto settings = config();
    settings.heartbeat = 50ms;
    const auto bus = process(settings);
    const auto member = bus->subscribe("sender", "email-jobs");
    publish(*bus, 1);
    EXPECT_THAT(member->poll(10, 10s), SizeIs(1));
    database.script("UPDATE bus_lease SET epoch = epoch + 1");
    EXPECT_THAT(member->poll(10, 10s), SizeIs(1));  // nobody committed it: it comes again
    EXPECT_THAT(member->commit(std::vector{domain::Position{0, 1}}), IsEmpty());
}

TEST_F(EmbeddedBus, LooksAgainWhenItCouldNotListenForAWhile) {
    auto settings = config();
    settings.look_anyway = 1h;
    const auto bus = process(settings);
    const auto other = process();
    const auto member = bus->subscribe("sender", "email-jobs");
    publish(*other, 1);
    EXPECT_THAT(member->poll(10, 10s), SizeIs(1));
    EXPECT_THAT(member->poll(10, 100ms), IsEmpty());
    pg::Connection server{database.url()};
    server.script("UPDATE pg_database SET datallowconn = false WHERE datname = current_database()");
    server.script("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                  "WHERE datname = current_database() AND query LIKE 'LISTEN%'");
    publish(*other, 1);
    EXPECT_THAT(member->poll(10, 100ms), IsEmpty());
    server.script("UPDATE pg_database SET datallowconn = true WHERE datname = current_database()");
    EXPECT_THAT(member->poll(10, 30s), SizeIs(1));
}

TEST_F(EmbeddedBus, ThrowsWhileThereIsNoDatabase) {
    auto settings = config();
    settings.database_url = "postgresql://127.0.0.1:1/none";
    PostgresBus bus{settings, clock};
    EXPECT_THROW(bus.ensure_topics(), domain::BusError);
    EXPECT_THROW(publish(bus, 1), domain::BusError);
    const auto member = bus.subscribe("sender", "email-jobs");
    EXPECT_THROW(member->poll(1, 1ms), domain::BusError);
}

TEST_F(EmbeddedBus, CreatesTopicsOnceAndKeepsTheLargerNumberOfPartitions) {
    auto settings = config();
    settings.partitions = 8;
    process(settings);
    process();
    EXPECT_EQ(value<std::int64_t>("SELECT count(*) FROM bus_partition"), 4 * 8 + 4);
    EXPECT_EQ(value<std::int16_t>("SELECT parts FROM bus_topic WHERE name = 'email-jobs'"), 8);
    EXPECT_EQ(value<std::int16_t>("SELECT parts FROM bus_topic WHERE name = 'email-jobs.dlq'"), 1);
}

TEST_F(EmbeddedBus, RefusesTopicsAndSlotsThatDoNotExist) {
    const auto bus = process();
    const auto record = [&](std::string topic, int slot) {
        return std::vector{domain::OutgoingRecord{std::move(topic), slot, Uuid::v7(clock.now()), ""}};
    };
    EXPECT_THROW(bus->publish(record("email-job", 0)), std::logic_error);
    EXPECT_THROW(bus->publish(record("email-jobs", 64)), std::logic_error);
    EXPECT_THROW(bus->subscribe("sender", "jobs"), std::logic_error);
    PostgresBus early{config(), clock};
    database.script("TRUNCATE bus_topic CASCADE");
    EXPECT_THROW(early.publish(record("email-jobs", 0)), domain::BusError);
}

TEST(PostgresBusConfig, RefusesTimesThatDoNotFitTogether) {
    PostgresBusConfig config;
    EXPECT_NO_THROW(config.check());
    config.trust = 7s;
    EXPECT_THROW(config.check(), std::invalid_argument);
    config = {};
    config.partitions = 65;
    EXPECT_THROW(config.check(), std::invalid_argument);
}

}  // namespace
}  // namespace sequitur::bus
