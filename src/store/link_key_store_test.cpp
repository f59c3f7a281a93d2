#include "store/link_key_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "support/api_world.hpp"

namespace sequitur::store {
namespace {

class LinkKeyStoreTest : public ::testing::Test {
protected:
    test::MigratedDatabase database;
    pg::Connection connection{database.url()};
    test::TempFolder folder;
    Secrets secrets = Secrets::open(folder.path / "master.key", connection);
};

TEST_F(LinkKeyStoreTest, TheFirstKeyIsOneForAllProcesses) {
    std::vector<std::string> keys(6);
    {
        std::vector<std::jthread> processes;
        for (auto& mine : keys)
            processes.emplace_back([&] {
                pg::Connection own{database.url()};
                mine = load_link_keys(own, secrets).at(0).key.reveal();
            });
    }
    EXPECT_EQ(keys[0].size(), 32u);
    EXPECT_EQ(std::ranges::count(keys, keys[0]), 6);
    EXPECT_EQ(connection.query("SELECT count(*) FROM link_keys").get<std::int64_t>(0, 0), 1);
}

TEST_F(LinkKeyStoreTest, StandsSealedInTheDatabase) {
    const auto key = load_link_keys(connection, secrets).at(0).key.reveal();
    EXPECT_EQ(connection.query("SELECT position($1::bytea in sealed_key) FROM link_keys", pg::Params{pg::Bytes{key}})
                  .get<int>(0, 0),
              0);
    connection.query("UPDATE link_keys SET id = 2");
    EXPECT_THROW(load_link_keys(connection, secrets), SecretsError) << "a key belongs to its id";
}

TEST_F(LinkKeyStoreTest, ARotatedKeySignsLaterAndTheFormerStays) {
    const auto first = load_link_keys(connection, secrets).at(0);
    EXPECT_EQ(rotate_link_keys(connection, secrets), 2);
    const auto keys = load_link_keys(connection, secrets);
    ASSERT_EQ(keys.size(), 2u);
    EXPECT_EQ(keys[0].key.reveal(), first.key.reveal());
    EXPECT_NE(keys[1].key.reveal(), first.key.reveal());
    EXPECT_GE(keys[1].signs_from - first.signs_from, link_key_overlap);
}

TEST_F(LinkKeyStoreTest, AnotherMasterKeyBesideTheRingIsRefused) {
    load_link_keys(connection, secrets);
    EXPECT_THROW(Secrets::open(folder.path / "other.key", connection), SecretsError);
}

}  // namespace
}  // namespace sequitur::store
