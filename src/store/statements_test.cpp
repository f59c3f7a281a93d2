// Every statement of the floor against the migrated schema: a column that was renamed shows here, not in production.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "pg/connection.hpp"
#include "pg/transaction.hpp"
#include "store/migrator.hpp"
#include "store/verify.hpp"
#include "support/temp_database.hpp"

namespace sequitur::store {
namespace {

std::string content_of(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream{file}.rdbuf();
    return text.str();
}

TEST(Statements, PrepareAgainstTheMigratedSchema) {
    const char* const source = std::getenv("SEQUITUR_SOURCE_DIR");
    ASSERT_TRUE(source);
    const test::TempDatabase database;
    pg::Connection connection{database.url()};
    Migrator{connection}.up();
    const pg::Transaction transaction{connection};
    create_ledger_table(connection);
    int statements = 0;

    for (const auto& entry : std::filesystem::directory_iterator{std::filesystem::path{source} / "src/store/sql"}) {
        const auto name = entry.path().stem().string();
        EXPECT_NO_THROW(connection.script("PREPARE " + name + " AS " + content_of(entry.path()))) << name;
        ++statements;
    }

    EXPECT_GT(statements, 50);
}

}  // namespace
}  // namespace sequitur::store
