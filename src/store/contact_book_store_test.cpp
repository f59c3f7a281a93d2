#include "store/contact_book_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/api_world.hpp"

namespace sequitur {
namespace {

using Removal = domain::ContactBook::Removal;
using test::ApiWorld;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ContactBookTest : public testing::Test {
protected:
    ContactId ana() {
        return world.sql.query("SELECT id FROM contacts WHERE email = 'ana@acme.test'").get<ContactId>(0, 0);
    }
    void enrol_ana() {
        world.mailbox();
        std::vector<domain::NewContact> people(1);
        people[0].email = "ana@acme.test";
        people[0].first_name = "Anabel";
        people[0].attributes = R"({"city":"Rome"})";
        world.contacts.enrol(world.sequence(), ApiWorld::candidates(people), false);
        world.enrol(world.sequence(), {"ana@acme.test"});
    }

    ApiWorld world;
};

TEST_F(ContactBookTest, ListsFindsAndChangesPeople) {
    world.enrol(world.sequence(), {"ana@acme.test", "bob@acme.test"});

    EXPECT_EQ(world.book.list({}, {}, 10).size(), 2U);
    EXPECT_EQ(world.book.list("bob@acme.test", {}, 10).at(0).email, "bob@acme.test");
    domain::ContactPatch patch;
    patch.company = "Acme";
    patch.attributes = R"({"plan":"pro"})";
    EXPECT_EQ(world.book.patch(ana(), patch)->company, "Acme");
    patch = {};
    patch.company = "";
    patch.first_name = "Ana";
    patch.attributes = R"({"plan":null,"city":"Rome"})";
    const auto changed = world.book.patch(ana(), patch);
    EXPECT_EQ(changed->company, std::nullopt);
    EXPECT_EQ(changed->first_name, "Ana");
    EXPECT_EQ(changed->attributes, R"({"city": "Rome"})");
}

TEST_F(ContactBookTest, ADeletionStopsEverythingAndKeepsTheSuppression) {
    enrol_ana();
    world.run("INSERT INTO suppressions (kind, value, reason) VALUES ('email', 'ana@acme.test', 'manual')");
    world.bring_to(world.emails().at(1), "dot");

    const auto receipt = world.book.remove(ana(), Removal::deleted);

    EXPECT_EQ(receipt->cancelled, 1);
    EXPECT_THAT(receipt->already_leaving, ElementsAre(world.emails().at(1)));
    EXPECT_EQ(world.rows("SELECT DISTINCT status, reason FROM sequence_contacts"), "stopped deleted");
    EXPECT_EQ(world.rows("SELECT kind, value FROM suppressions"), "email ana@acme.test");
    EXPECT_FALSE(world.book.find(ana()));
    EXPECT_TRUE(world.book.list({}, {}, 10).empty());
    EXPECT_EQ(world.enrol(world.sequence(), {"ana@acme.test"}).skipped.at(0).code, "suppressed");
}

TEST_F(ContactBookTest, Row22AnErasedPersonIsGoneAndNoImportBringsThemBack) {
    enrol_ana();
    const auto id = ana();
    world.run("UPDATE email_queues SET subject = 'Hi Anabel', error_message = '550 ana@acme.test unknown'");
    world.run("INSERT INTO email_events (email_queue_id, event_type, event_data) SELECT id, 'deferred', "
              "'{\"code\": 450, \"reply\": \"450 ana@acme.test\"}' FROM email_queues");

    EXPECT_EQ(world.book.remove(id, Removal::erased)->cancelled, 2);

    for (const auto* const table : {"contacts", "email_queues", "email_events", "suppressions", "outbox"}) {
        const auto all = world.rows("SELECT * FROM " + std::string{table});
        for (const auto* const trace : {"ana@", "Anabel", "Rome"}) EXPECT_THAT(all, Not(HasSubstr(trace))) << table;
    }
    EXPECT_EQ(world.rows("SELECT kind, length(value), reason FROM suppressions"), "hash 64 manual");
    const auto again = world.enrol(world.sequence(), {"ana@acme.test", "bob@acme.test"});
    EXPECT_EQ(again.contacts_added, 1);
    EXPECT_EQ(again.skipped.at(0).code, "suppressed");
    EXPECT_EQ(world.suppressions.check("ana@acme.test")->kind, "hash");
    EXPECT_TRUE(world.book.remove(id, Removal::erased)) << "it can be repeated";
    EXPECT_EQ(world.rows("SELECT count(*) FROM suppressions"), "1");
}

TEST_F(ContactBookTest, AnErasureKeepsTheReasonOfAnOptOut) {
    enrol_ana();
    world.run("INSERT INTO suppressions (kind, value, reason) VALUES ('email', 'ana@acme.test', 'unsubscribed')");

    world.book.remove(ana(), Removal::erased);

    EXPECT_EQ(world.rows("SELECT kind, reason FROM suppressions"), "hash unsubscribed");
    EXPECT_EQ(world.enrol(world.sequence(), {"ana@acme.test"}).skipped.at(0).code, "unsubscribed");
}

TEST_F(ContactBookTest, WithAHashTheMasterKeyCanNotBeMissing) {
    enrol_ana();
    world.book.remove(ana(), Removal::erased);

    EXPECT_THROW(store::Secrets::open("no-such-folder/master.key", world.sql), store::SecretsError);
    const test::TempFolder other;
    EXPECT_THROW(store::Secrets::open(other.path / "master.key", world.sql), store::SecretsError);
}

}  // namespace
}  // namespace sequitur
