#include "store/opt_out_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <thread>

#include "support/api_world.hpp"

namespace sequitur {
namespace {

using test::ApiWorld;
using testing::ElementsAre;
using testing::IsEmpty;

class OptOutTest : public testing::Test {
protected:
    OptOutTest() {
        world.mailbox();
        for (int i = 0; i < 4; ++i) world.enrol(world.sequence(), {"ana@acme.test"});
        world.enrol(world.sequence(), {"bob@acme.test"});
        emails = world.emails();
    }
    std::string events() {
        return world.rows("SELECT event_type, event_data->>'via' FROM email_events WHERE event_type IN "
                          "('unsubscribed', 'resubscribed') ORDER BY created_at");
    }
    std::string person() { return world.rows("SELECT status FROM contacts WHERE email LIKE 'ana%'"); }
    std::string list() { return world.rows("SELECT value, reason, former_reason FROM suppressions"); }

    ApiWorld world;
    store::OptOutStore opt_outs{world.pool};
    std::vector<EmailId> emails;
};

TEST_F(OptOutTest, StopsTheMailOfThePersonInEverySequenceAndNamesWhatLeaves) {
    world.bring_to(emails[1], "queued");
    world.bring_to(emails[2], "pre");
    world.bring_to(emails[3], "dot");

    const auto done = opt_outs.opt_out(emails[0], "page");

    EXPECT_EQ(done->address, "ana@acme.test");
    EXPECT_FALSE(done->repeated);
    EXPECT_EQ(done->receipt.cancelled, 2);
    EXPECT_EQ(done->receipt.stopping, 1);
    EXPECT_THAT(done->receipt.already_leaving, ElementsAre(emails[3]));
    EXPECT_EQ(world.rows("SELECT status, reason FROM email_queues ORDER BY id"),
              "cancelled unsubscribed,cancelled unsubscribed,sending unsubscribed,sending unsubscribed,scheduled ");
    EXPECT_EQ(world.rows("SELECT status, reason, count(*) FROM sequence_contacts GROUP BY 1, 2 ORDER BY 1"),
              "active  1,stopped unsubscribed 4");
    EXPECT_EQ(world.rows("SELECT value, reason, email_queue_id, settled_at IS NOT NULL FROM suppressions"),
              "ana@acme.test unsubscribed " + emails[0].text() + " t");
    EXPECT_EQ(person(), "unsubscribed");
}

TEST_F(OptOutTest, Case83ARepeatIsTheSameStateWithOneEvent) {
    opt_outs.opt_out(emails[0], "one_click");
    const auto before = world.rows("SELECT * FROM suppressions");

    EXPECT_TRUE(opt_outs.opt_out(emails[0], "one_click")->repeated);
    EXPECT_TRUE(opt_outs.opt_out(emails[2], "page")->repeated) << "another mail to the same person";

    EXPECT_EQ(events(), "unsubscribed one_click");
    EXPECT_EQ(world.rows("SELECT * FROM suppressions"), before);
}

TEST_F(OptOutTest, OfManyAtTheSameTimeOneIsTheFirst) {
    std::vector<int> firsts(8);
    {
        std::vector<std::jthread> clicks;
        for (auto& first : firsts)
            clicks.emplace_back([&] { first = opt_outs.opt_out(emails[0], "one_click")->repeated ? 0 : 1; });
    }
    EXPECT_EQ(std::accumulate(firsts.begin(), firsts.end(), 0), 1);
    EXPECT_EQ(events(), "unsubscribed one_click");
}

TEST_F(OptOutTest, LookingChangesNothing) {
    const auto before = world.rows("SELECT xmin, * FROM contacts");

    EXPECT_FALSE(opt_outs.look(emails[0])->opted_out);
    EXPECT_EQ(opt_outs.look(emails[0])->address, "ana@acme.test");

    EXPECT_EQ(world.rows("SELECT xmin, * FROM contacts"), before);
    EXPECT_EQ(list(), "");
}

TEST_F(OptOutTest, AnUndoFreesThePersonAndRevivesNoMail) {
    opt_outs.opt_out(emails[0], "page");

    EXPECT_FALSE(opt_outs.undo(emails[1])->opted_out);
    EXPECT_FALSE(opt_outs.undo(emails[1])->opted_out) << "repeatable";

    EXPECT_EQ(list(), "");
    EXPECT_EQ(person(), "active");
    EXPECT_EQ(events(), "unsubscribed page,resubscribed page");
    EXPECT_EQ(world.rows("SELECT status, count(*) FROM email_queues GROUP BY 1 ORDER BY 1"), "scheduled 1,cancelled 4");
    EXPECT_EQ(world.enrol(world.sequence(), {"ana@acme.test"}).contacts_added, 1);
    EXPECT_FALSE(opt_outs.opt_out(emails[0], "page")->repeated) << "and a second no is a new one";
}

TEST_F(OptOutTest, AnUndoRestoresWhatStoodAgainstTheAddressBefore) {
    world.run("INSERT INTO suppressions (kind, value, reason) VALUES ('email', 'ana@acme.test', 'bounced'); "
              "UPDATE contacts SET status = 'bounced'");
    opt_outs.opt_out(emails[0], "page");
    EXPECT_EQ(list(), "ana@acme.test unsubscribed bounced");

    opt_outs.undo(emails[0]);

    EXPECT_EQ(list(), "ana@acme.test bounced ");
    EXPECT_EQ(person(), "bounced");
}

TEST_F(OptOutTest, AComplaintIsNotTakenBackByALink) {
    world.run("INSERT INTO suppressions (kind, value, reason) VALUES ('email', 'ana@acme.test', 'complained'); "
              "UPDATE contacts SET status = 'complained'");

    EXPECT_TRUE(opt_outs.opt_out(emails[0], "page")->repeated);
    EXPECT_TRUE(opt_outs.undo(emails[0])->opted_out);

    EXPECT_EQ(list(), "ana@acme.test complained ");
}

TEST_F(OptOutTest, ThereIsNoneForAnUnknownMailAndNoAddressOfAnErasedPerson) {
    const auto nobody = EmailId::make(world.clock.now());
    EXPECT_FALSE(opt_outs.look(nobody));
    EXPECT_FALSE(opt_outs.opt_out(nobody, "page"));
    EXPECT_FALSE(opt_outs.undo(nobody));

    const auto id = world.sql.query("SELECT id FROM contacts WHERE email LIKE 'ana%'").get<ContactId>(0, 0);
    world.book.remove(id, domain::ContactBook::Removal::erased);

    EXPECT_EQ(opt_outs.look(emails[0])->address, "");
    EXPECT_TRUE(opt_outs.opt_out(emails[0], "page")->repeated);
    EXPECT_TRUE(opt_outs.undo(emails[0])->opted_out);
    EXPECT_EQ(world.rows("SELECT kind FROM suppressions"), "hash");
}

}  // namespace
}  // namespace sequitur
