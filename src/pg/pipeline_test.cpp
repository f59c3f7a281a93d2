// The pipeline: one transaction, all or nothing, whatever goes wrong in it.
#include "pg/pipeline.hpp"

#include <gtest/gtest.h>

#include "pg/transaction.hpp"
#include "support/temp_database.hpp"

namespace sequitur::pg {
namespace {

constexpr Statement insert{"insert", "INSERT INTO t (x) VALUES ($1) RETURNING x"};
constexpr Statement all{"all", "SELECT x FROM t ORDER BY x"};
constexpr Statement divide{"divide", "SELECT 10 / $1"};

class PgPipeline : public ::testing::Test {
protected:
    PgPipeline() { connection.script("CREATE TABLE t (x int UNIQUE DEFERRABLE INITIALLY DEFERRED)"); }

    std::vector<int> rows() { return connection.exec(all).column<int>(0); }

    test::TempDatabase database;
    Connection connection{database.url()};
};

TEST_F(PgPipeline, CommitsAllItsStatementsTogether) {
    Pipeline pipeline{connection};
    pipeline.add(insert, Params{1});
    pipeline.add(insert, Params{2});
    pipeline.add(all);
    const auto results = pipeline.run();
    ASSERT_EQ(results.size(), 3U);
    EXPECT_EQ(results[1].get<int>(0, 0), 2);
    EXPECT_EQ(results[2].column<int>(0), (std::vector{1, 2}));
    EXPECT_EQ(connection.query("SELECT count(DISTINCT xmin::text) FROM t").get<std::int64_t>(0, 0), 1);
    EXPECT_TRUE(pipeline.run().empty());
}

TEST_F(PgPipeline, LeavesNothingBehindWhenOneFails) {
    Pipeline pipeline{connection};
    pipeline.add(insert, Params{1});
    pipeline.add(divide, Params{0});
    pipeline.add(insert, Params{2});
    try {
        pipeline.run();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.sqlstate, "22012");
        EXPECT_FALSE(error.connection_lost);
    }
    EXPECT_TRUE(rows().empty());
    pipeline.add(insert, Params{3});
    pipeline.run();
    EXPECT_EQ(rows(), std::vector{3});
}

TEST_F(PgPipeline, NoticesWhatOnlyFailsAtTheCommit) {
    Pipeline pipeline{connection};
    pipeline.add(insert, Params{1});
    pipeline.add(insert, Params{1});
    try {
        pipeline.run();
        FAIL();
    } catch (const Error& error) { EXPECT_EQ(error.sqlstate, "23505"); }
    EXPECT_TRUE(rows().empty());
}

TEST_F(PgPipeline, CarriesMoreThanTheSocketsHold) {
    constexpr Statement echo{"echo", "SELECT $1"};
    const std::string large(1'000'000, 'x');
    Pipeline pipeline{connection};
    for (int i = 0; i < 20; ++i) pipeline.add(echo, Params{large});
    EXPECT_EQ(pipeline.run().back().get<std::string>(0, 0), large);
}

TEST_F(PgPipeline, SaysThatTheConnectionIsLost) {
    constexpr Statement suicide{"suicide", "SELECT pg_terminate_backend(pg_backend_pid())"};
    Pipeline pipeline{connection};
    pipeline.add(insert, Params{1});
    pipeline.add(suicide);
    pipeline.add(insert, Params{2});
    try {
        pipeline.run();
        FAIL();
    } catch (const Error& error) { EXPECT_TRUE(error.connection_lost); }
    EXPECT_FALSE(connection.healthy());
    connection.reconnect();
    EXPECT_TRUE(rows().empty());
}

TEST_F(PgPipeline, RefusesToRunInsideATransaction) {
    const Transaction open{connection};
    Pipeline pipeline{connection};
    pipeline.add(insert, Params{1});
    EXPECT_THROW(pipeline.run(), std::logic_error);
}

}  // namespace
}  // namespace sequitur::pg
