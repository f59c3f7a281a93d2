#include "store/secrets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "support/api_world.hpp"

namespace sequitur::store {
namespace {

using ::testing::HasSubstr;
using ::testing::Property;
using ::testing::Throws;

class SecretsTest : public ::testing::Test {
protected:
    SecretsTest() { Migrator{connection}.up(); }

    Secrets open() { return Secrets::open(file, connection); }
    void seal_one() {
        const auto sealed = open().seal(Secret{"x"}, place);
        connection.query(
            "INSERT INTO mailboxes (email, smtp_host, smtp_port, encrypted_smtp_password) VALUES ('a', 'h', 25, $1)",
            pg::Params{sealed});
    }

    test::TempDatabase database;
    pg::Connection connection{database.url()};
    test::TempFolder folder;
    std::filesystem::path file = folder.path / "master.key";
    SealedPlace place{MailboxId::make(SystemClock{}.now()), "encrypted_smtp_password"};
};

TEST_F(SecretsTest, MakeTheirKeyOnceAndForTheOwnerOnly) {
    const auto first = open().fingerprint();

    struct stat info{};
    ASSERT_EQ(::stat(file.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    EXPECT_EQ(open().fingerprint(), first);
    EXPECT_EQ(connection.query("SELECT fingerprint FROM master_keys").get<std::string>(0, 0), first);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder.path}, {}), 1) << "no draft is left";
}

TEST_F(SecretsTest, AgreeOnOneKeyWhenProcessesStartTogether) {
    std::vector<std::string> fingerprints(6);
    {
        std::vector<std::jthread> processes;
        for (auto& mine : fingerprints)
            processes.emplace_back([&] {
                pg::Connection own{database.url()};
                mine = Secrets::open(file, own).fingerprint();
            });
    }
    for (const auto& mine : fingerprints) EXPECT_EQ(mine, fingerprints[0]);
}

TEST_F(SecretsTest, OpenOnlyInThePlaceTheyWereSealedFor) {
    const auto secrets = open();
    const auto sealed = secrets.seal(Secret{"hunter2"}, place);
    EXPECT_EQ(secrets.unseal(sealed, place).reveal(), "hunter2");
    EXPECT_NE(secrets.seal(Secret{"hunter2"}, place).value, sealed.value) << "the nonce is random";

    EXPECT_THROW(secrets.unseal(sealed, {MailboxId::make(SystemClock{}.now()), place.column}), SecretsError);
    EXPECT_THROW(secrets.unseal(sealed, {place.mailbox, "another_column"}), SecretsError);
    auto changed = sealed;
    changed.value.back() ^= 1;
    EXPECT_THROW(secrets.unseal(changed, place), SecretsError);
    EXPECT_THROW(secrets.unseal(pg::Bytes{"short"}, place), SecretsError);
}

TEST_F(SecretsTest, RefuseToStartWithoutTheKeyThatSealedSomething) {
    seal_one();
    std::filesystem::remove(file);
    EXPECT_THAT([&] { open(); }, Throws<SecretsError>(Property(&SecretsError::what, HasSubstr("Put the key back"))));
    EXPECT_FALSE(std::filesystem::exists(file)) << "a new key would hide the loss";
}

TEST_F(SecretsTest, RefuseAnotherKeyThanTheOneThatSealedSomething) {
    seal_one();
    std::ofstream{file} << std::string(64, 'a') << "\n";
    EXPECT_THAT([&] { open(); }, Throws<SecretsError>(Property(&SecretsError::what, HasSubstr("another key"))));
}

TEST_F(SecretsTest, TakeAnotherKeyWhileNothingIsSealed) {
    const auto first = open().fingerprint();
    std::ofstream{file} << std::string(64, 'a') << "\n";
    EXPECT_NE(open().fingerprint(), first);
    EXPECT_EQ(connection.query("SELECT count(*) FROM master_keys").get<std::int64_t>(0, 0), 1);
}

TEST_F(SecretsTest, RefuseAFileThatIsNoKey) {
    std::ofstream{file} << "nonsense\n";
    EXPECT_THROW(open(), SecretsError);
}

}  // namespace
}  // namespace sequitur::store
