// The connection against a real server: what is sent comes back, errors say what happened.
#include "pg/connection.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "pg/listener.hpp"
#include "pg/pool.hpp"
#include "pg/transaction.hpp"
#include "pg/with_retry.hpp"
#include "support/temp_database.hpp"

namespace sequitur::pg {
namespace {

using namespace std::chrono_literals;

class Database : public ::testing::Test {
protected:
    test::TempDatabase database;
    Connection connection{database.url()};

    void terminate(Connection& victim) {
        const auto pid = victim.query("SELECT pg_backend_pid()").get<std::int32_t>(0, 0);
        Connection{database.url()}.query("SELECT pg_terminate_backend($1, 5000)", Params{pid});
    }
};

using PgConnection = Database;
using PgTransaction = Database;
using PgPool = Database;
using PgListener = Database;

template <class T> T round_trip(Connection& connection, const T& value) {
    return connection.query("SELECT $1", Params{value}).template get<T>(0, 0);
}

TEST_F(PgConnection, GivesBackEveryTypeItSends) {
    const auto now = TimePoint{1'790'000'000'123'456us};
    EXPECT_EQ(round_trip(connection, true), true);
    EXPECT_EQ(round_trip(connection, std::int16_t{-32768}), -32768);
    EXPECT_EQ(round_trip(connection, std::int32_t{-5}), -5);
    EXPECT_EQ(round_trip(connection, std::int64_t{-9'000'000'000}), -9'000'000'000);
    EXPECT_EQ(round_trip(connection, 0.1), 0.1);
    EXPECT_EQ(round_trip(connection, std::string{"grün ☂"}), "grün ☂");
    EXPECT_EQ(round_trip(connection, std::string{}), "");
    EXPECT_EQ(round_trip(connection, Bytes{std::string{"\0\xff\x01", 3}}).value, (std::string{"\0\xff\x01", 3}));
    EXPECT_EQ(round_trip(connection, now), now);
    EXPECT_EQ(round_trip(connection, TimePoint{-1us}), TimePoint{-1us});
    EXPECT_EQ(round_trip(connection, Duration{36h + 1us}), Duration{36h + 1us});
    const std::chrono::sys_days eve = std::chrono::year{1999} / 12 / 31;
    EXPECT_EQ(round_trip(connection, eve), eve);
    const auto id = MailboxId::make(now);
    EXPECT_EQ(round_trip(connection, id), id);
    EXPECT_EQ(round_trip(connection, std::optional<std::int64_t>{}), std::nullopt);
    EXPECT_EQ(round_trip(connection, std::optional{id}), id);
}

TEST_F(PgConnection, MeansTheSameValuesAsTheServer) {
    const auto at = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h + 1us;
    EXPECT_TRUE(connection.query("SELECT $1 = '2026-03-01T12:00:00.000001Z'", Params{TimePoint{at}}).get<bool>(0, 0));
    EXPECT_TRUE(connection.query("SELECT $1 = interval '90 s'", Params{Duration{90s}}).get<bool>(0, 0));
    const std::chrono::sys_days day = std::chrono::year{2026} / 11 / 28;
    EXPECT_TRUE(connection.query("SELECT $1 = date '2026-11-28'", Params{day}).get<bool>(0, 0));
    EXPECT_EQ(connection.query("SELECT interval '1 day 2 h'").get<Duration>(0, 0), Duration{26h});
    const auto id = *Uuid::parse("0190163d-8694-739b-aea5-966c26f8ad91");
    EXPECT_EQ(connection.query("SELECT $1::text", Params{id}).get<std::string>(0, 0), id.text());
}

TEST_F(PgConnection, SendsVectorsAsArrays) {
    const std::vector<std::int64_t> numbers{1, -2, 3};
    const std::vector<std::string> words{"a", "", "{\"c\"}"};
    const std::vector<std::optional<std::string>> holes{"x", std::nullopt};
    const std::vector<Bytes> blobs{{std::string{"\0", 1}}, {""}};
    const std::vector<bool> flags{true, false};
    EXPECT_EQ(round_trip(connection, numbers), numbers);
    EXPECT_EQ(round_trip(connection, words), words);
    EXPECT_EQ(round_trip(connection, flags), flags);
    EXPECT_EQ(round_trip(connection, std::vector<Uuid>{}), std::vector<Uuid>{});
    const auto rows = connection.query("SELECT a, b FROM unnest($1, $2) AS u(a, b)", Params{holes, blobs});
    EXPECT_EQ(rows.column<std::optional<std::string>>(0), holes);
    EXPECT_EQ(rows.get<Bytes>(0, 1).value, (std::string{"\0", 1}));
    EXPECT_EQ(rows.get<Bytes>(1, 1).value, "");
    EXPECT_EQ(connection.query("SELECT cardinality($1)", Params{std::vector<TimePoint>{}}).get<int>(0, 0), 0);
    EXPECT_EQ(connection.query("SELECT cardinality($1)", Params{std::vector<const char*>{"a"}}).get<int>(0, 0), 1);
}

TEST_F(PgConnection, ReadsEnumsAndJsonAsText) {
    connection.script("CREATE TYPE mood AS ENUM ('glad', 'sad')");
    const auto row = connection.query(
        "SELECT $1::mood, '{\"a\": 1}'::jsonb, '{ }'::json, 'n'::name, 'v'::varchar(3), 2::int2, 1.5::float4",
        Params{"sad"});
    Row reader = row.row(0);
    EXPECT_EQ(reader.next<std::string>(), "sad");
    EXPECT_EQ(reader.next<std::string>(), "{\"a\": 1}");
    EXPECT_EQ(reader.next<std::string>(), "{ }");
    EXPECT_EQ(reader.next<std::string>(), "n");
    EXPECT_EQ(reader.next<std::string>(), "v");
    EXPECT_EQ(reader.next<std::int64_t>(), 2);
    EXPECT_EQ(reader.next<double>(), 1.5);
}

TEST_F(PgConnection, RefusesToReadWhatTheColumnIsNot) {
    const auto row = connection.query("SELECT 1::int8 AS big, NULL::text AS nothing");
    EXPECT_THROW(row.get<std::int32_t>(0, 0), std::logic_error);
    EXPECT_THROW(row.get<std::string>(0, 0), std::logic_error);
    try {
        row.get<std::string>(0, 1);
        FAIL();
    } catch (const std::logic_error& error) { EXPECT_NE(std::string{error.what()}.find("nothing"), std::string::npos); }
}

TEST_F(PgConnection, PreparesAStatementOnce) {
    constexpr Statement twice{"twice", "SELECT $1 * 2"};
    EXPECT_EQ(connection.exec(twice, Params{21}).get<int>(0, 0), 42);
    EXPECT_EQ(connection.exec(twice, Params{std::optional<int>{}}).get<std::optional<int>>(0, 0), std::nullopt);
    EXPECT_EQ(connection.query("SELECT count(*) FROM pg_prepared_statements").get<std::int64_t>(0, 0), 1);
    EXPECT_THROW(connection.exec(twice, Params{std::int64_t{21}}), std::logic_error);
    EXPECT_THROW(connection.exec(Statement{"twice", "SELECT $1 * 3"}, Params{21}), std::logic_error);
}

TEST_F(PgConnection, SaysWhichConstraintWasViolatedAndCountsRows) {
    connection.script("CREATE TABLE t (x int CONSTRAINT small CHECK (x < 10)); INSERT INTO t VALUES (1), (2)");
    EXPECT_EQ(connection.query("UPDATE t SET x = x + 1").affected(), 2);
    try {
        connection.query("INSERT INTO t VALUES (11)");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.sqlstate, "23514");
        EXPECT_EQ(error.constraint, "small");
        EXPECT_FALSE(error.connection_lost);
        EXPECT_FALSE(error.is_retryable());
    }
    EXPECT_TRUE(connection.healthy());
}

TEST_F(PgConnection, TellsALostConnectionAndComesBackWithItsSettings) {
    Connection victim{database.url(), {"SET work_mem = '7MB'"}};
    constexpr Statement one{"one", "SELECT 1"};
    victim.exec(one);
    terminate(victim);
    EXPECT_FALSE(victim.healthy());
    try {
        victim.exec(one);
        FAIL();
    } catch (const Error& error) { EXPECT_TRUE(error.connection_lost); }
    victim.reconnect();
    EXPECT_EQ(victim.exec(one).get<int>(0, 0), 1);
    EXPECT_EQ(victim.query("SELECT current_setting('work_mem')").get<std::string>(0, 0), "7MB");
    EXPECT_EQ(victim.query("SELECT current_setting('application_name')").get<std::string>(0, 0), "sequitur");
}

TEST_F(PgConnection, SaysSoWhenNobodyListens) {
    try {
        Connection nobody{"postgresql://127.0.0.1:1/none"};
        FAIL();
    } catch (const Error& error) {
        EXPECT_TRUE(error.connection_lost);
        EXPECT_STRNE(error.what(), "");
    }
}

TEST_F(PgConnection, HandsOutNotifications) {
    connection.script("LISTEN news");
    EXPECT_TRUE(connection.notifications().empty());
    Connection{database.url()}.script("NOTIFY news, 'hello'");
    std::vector<Notification> arrived;
    while (arrived.empty() && connection.wait_notification(10s)) arrived = connection.notifications();
    ASSERT_EQ(arrived.size(), 1U);
    EXPECT_EQ(arrived[0].channel, "news");
    EXPECT_EQ(arrived[0].payload, "hello");
}

TEST_F(PgTransaction, CountsOnlyAfterCommit) {
    connection.script("CREATE TABLE t (x int)");
    {
        Transaction lost{connection};
        lost.connection().query("INSERT INTO t VALUES (1)");
    }
    Transaction kept{connection};
    kept.connection().query("INSERT INTO t VALUES (2)");
    kept.commit();
    EXPECT_EQ(connection.query("SELECT x FROM t").column<int>(0), std::vector{2});
}

TEST_F(PgTransaction, DoesNotPassOffARollbackAsACommit) {
    Transaction failed{connection};
    EXPECT_THROW(connection.query("SELECT 1 / 0"), Error);
    EXPECT_THROW(failed.commit(), Error);
    EXPECT_FALSE(connection.in_transaction());
}

TEST_F(PgTransaction, IsRepeatedWhenTheServerGaveUp) {
    connection.script("CREATE TABLE t (x int); INSERT INTO t VALUES (1)");
    Connection other{database.url()};
    std::optional<Transaction> holder{other};
    other.script("LOCK TABLE t");
    int tries = 0;
    const auto work = [&] {
        Transaction tx{connection};
        if (++tries == 2) holder.reset();
        connection.script("SET LOCAL lock_timeout = '10ms'; UPDATE t SET x = 2");
        tx.commit();
        return tries;
    };
    EXPECT_EQ(with_retry(3, work), 2);
    EXPECT_THROW(with_retry(3, [&]() -> int { return connection.query("SELECT 1 / 0").rows(); }), Error);
}

TEST_F(PgPool, LendsAConnectionAgainButNotABrokenOrAnUnfinishedOne) {
    Pool pool{database.url(), 1};
    const auto pid = [](Pool::Lease& lease) { return lease->query("SELECT pg_backend_pid()").get<std::int32_t>(0, 0); };
    std::int32_t first = 0;
    {
        auto lease = pool.lease();
        first = pid(lease);
    }
    {
        auto lease = pool.lease();
        EXPECT_EQ(pid(lease), first);
        lease->script("BEGIN");
    }
    {
        auto lease = pool.lease();
        EXPECT_NE(pid(lease), first);
        first = pid(lease);
        terminate(*lease);
    }
    auto lease = pool.lease();
    EXPECT_NE(pid(lease), first);
}

TEST_F(PgPool, MakesTheNextOneWaitUntilOneIsFree) {
    Pool pool{database.url(), 1};
    std::optional lease{pool.lease()};
    std::thread waiting{[&] { pool.lease()->query("SELECT 1"); }};
    lease.reset();
    waiting.join();
}

/// Notes what it hears; a test waits for it.
struct Ear {
    std::mutex mutex;
    std::condition_variable heard;
    std::vector<std::string> payloads;

    Listener::Callback callback() {
        return [this](std::string_view channel, std::string_view payload) {
            const std::scoped_lock lock{mutex};
            payloads.push_back(std::string{channel} + ":" + std::string{payload});
            heard.notify_all();
        };
    }
    bool hears(std::size_t count) {
        std::unique_lock lock{mutex};
        return heard.wait_for(lock, 10s, [&] { return payloads.size() >= count; });
    }
};

TEST_F(PgListener, TellsWhatIsNotifiedAndCallsOnceAfterEveryConnect) {
    Ear ear;
    const Listener listener{database.url(), {"news", "more"}, ear.callback()};
    ASSERT_TRUE(ear.hears(2));
    connection.script("NOTIFY news, 'a'");
    ASSERT_TRUE(ear.hears(3));
    connection.script("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                      "WHERE datname = current_database() AND query ILIKE 'LISTEN%'");
    ASSERT_TRUE(ear.hears(5));
    connection.script("NOTIFY more, 'b'");
    ASSERT_TRUE(ear.hears(6));
    EXPECT_EQ(ear.payloads, (std::vector<std::string>{"news:", "more:", "news:a", "news:", "more:", "more:b"}));
}

}  // namespace
}  // namespace sequitur::pg
