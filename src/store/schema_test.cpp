// db/schema.sql is what the migrations make. Regenerate it: tools/dump_schema.sh.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include "pg/connection.hpp"
#include "store/migrator.hpp"
#include "support/temp_database.hpp"

namespace sequitur::store {
namespace {

std::string output_of(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe{::popen(command.c_str(), "r"), ::pclose};
    std::string text;
    std::array<char, 4096> chunk{};
    while (const auto got = std::fread(chunk.data(), 1, chunk.size(), pipe.get())) text.append(chunk.data(), got);
    return text;
}

TEST(Schema, IsTheOneInTheRepository) {
    const char* const source = std::getenv("SEQUITUR_SOURCE_DIR");
    ASSERT_TRUE(source);
    const test::TempDatabase database;
    pg::Connection connection{database.url()};
    Migrator{connection}.up();
    std::ostringstream kept;
    kept << std::ifstream{std::string{source} + "/db/schema.sql"}.rdbuf();

    const auto made = output_of(std::string{source} + "/tools/dump_schema.sh '" + database.url() + "'");

    EXPECT_FALSE(made.empty());
    EXPECT_TRUE(made == kept.str()) << "db/schema.sql is not what the migrations make: run tools/dump_schema.sh";
}

}  // namespace
}  // namespace sequitur::store
