#include "store/migrator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <thread>

#include "support/temp_database.hpp"

namespace sequitur::store {
namespace {

using ::testing::HasSubstr;
using ::testing::Property;
using ::testing::Throws;

constexpr EmbeddedMigration first{"0001_first.sql", "CREATE TABLE a (x int); INSERT INTO a VALUES (1);"};
constexpr EmbeddedMigration second{"0002_second.sql", "CREATE TABLE b (x int);"};
constexpr EmbeddedMigration second_edited{"0002_second.sql", "CREATE TABLE b (x bigint);"};
constexpr EmbeddedMigration broken{"0002_broken.sql", "CREATE TABLE b (x int); SELECT 1 / 0;"};

using Set = std::vector<EmbeddedMigration>;

class MigratorTest : public ::testing::Test {
protected:
    std::int64_t count(const std::string& sql) { return connection.query(sql).get<std::int64_t>(0, 0); }

    test::TempDatabase database;
    pg::Connection connection{database.url()};
};

TEST_F(MigratorTest, AppliesWhatIsPendingInOrderAndOnce) {
    const Set set{first, second};
    Migrator migrator{connection, set};
    ASSERT_EQ(migrator.plan().size(), 2U);
    EXPECT_EQ(migrator.plan()[0].text, first.text);

    EXPECT_EQ(migrator.up().size(), 2U);
    EXPECT_EQ(migrator.up().size(), 0U);

    EXPECT_EQ(count("SELECT count(*) FROM a"), 1);
    const auto status = migrator.status();
    ASSERT_EQ(status.size(), 2U);
    EXPECT_EQ(status[1].number, 2);
    EXPECT_EQ(status[1].name, "second");
    EXPECT_TRUE(status[1].applied_at);
    EXPECT_TRUE(migrator.plan().empty());
}

TEST_F(MigratorTest, WritesNothingWhenOnlyAsked) {
    const Set set{first};
    Migrator migrator{connection, set};

    EXPECT_FALSE(migrator.status().at(0).applied_at);

    EXPECT_EQ(count("SELECT count(*) FROM pg_class WHERE relname = 'schema_migrations'"), 0);
}

TEST_F(MigratorTest, RefusesAnEditedMigrationThatWasApplied) {
    const Set set{first, second};
    Migrator{connection, set}.up();
    const Set edited{first, second_edited};
    Migrator migrator{connection, edited};

    EXPECT_THAT([&] { migrator.up(); },
                Throws<MigrationError>(Property(&MigrationError::what, HasSubstr("2 (second) was edited"))));
}

TEST_F(MigratorTest, RefusesADatabaseThatIsNewerThanTheProgram) {
    const Set set{first, second};
    Migrator{connection, set}.up();
    const Set older{first};
    Migrator migrator{connection, older};

    EXPECT_THAT([&] { migrator.up(); },
                Throws<MigrationError>(Property(&MigrationError::what, HasSubstr("Run that version or a later one"))));
}

TEST_F(MigratorTest, LeavesNothingOfAMigrationThatFails) {
    const Set set{first, broken};
    Migrator migrator{connection, set};

    EXPECT_THROW(migrator.up(), pg::Error);

    EXPECT_EQ(count("SELECT count(*) FROM pg_class WHERE relname = 'b'"), 0);
    EXPECT_EQ(migrator.plan().size(), 1U);
}

TEST_F(MigratorTest, AppliesEachOnceWhenManyStartTogether) {
    std::vector<std::size_t> applied(6);
    {
        std::vector<std::jthread> processes;
        for (auto& mine : applied)
            processes.emplace_back([&] {
                const Set set{first, second};
                pg::Connection own{database.url()};
                mine = Migrator{own, set}.up().size();
            });
    }

    EXPECT_EQ(std::accumulate(applied.begin(), applied.end(), std::size_t{0}), 2U);
    EXPECT_EQ(count("SELECT count(*) FROM a"), 1);
}

TEST_F(MigratorTest, BringsAnEmptyDatabaseToThePresentSchema) {
    EXPECT_EQ(Migrator{connection}.up().size(), std::size(embedded_migrations));
    EXPECT_EQ(count("SELECT count(*) FROM schema_migrations"), std::ssize(embedded_migrations));
}

}  // namespace
}  // namespace sequitur::store
