#include "store/email_store.hpp"

#include <gtest/gtest.h>

#include "support/api_world.hpp"

namespace sequitur {
namespace {

using test::ApiWorld;

class EmailStoreTest : public ::testing::Test {
protected:
    EmailStoreTest() {
        mailbox = world.mailbox();
        sequence = world.sequence({0});
        world.enrol(sequence, {"a@acme.test"});
        email = world.emails().at(0);
    }
    std::string state() {
        return world.rows("SELECT e.status, e.reason, e.cancel_requested, sc.status, sc.reason FROM email_queues e, "
                          "sequence_contacts sc");
    }

    ApiWorld world;
    MailboxId mailbox;
    SequenceId sequence;
    EmailId email;
};

TEST_F(EmailStoreTest, ShowsAnEmailAndWhatWasTried) {
    EXPECT_FALSE(world.emails_store.find(email)->message_id) << "it was not tried yet";
    world.bring_to(email, "pre");
    world.run("INSERT INTO email_events (email_queue_id, event_type, event_data, created_at) VALUES "
              "('" +
              email.text() + "', 'sent', '{\"attempt\": 2}', now()), ('" + email.text() +
              "', 'deferred', NULL, now() - interval '1 h')");

    const auto view = world.emails_store.find(email).value();

    EXPECT_EQ(view.contact_email, "a@acme.test");
    EXPECT_EQ(view.sequence_id, sequence);
    EXPECT_EQ(view.mailbox_id, mailbox);
    EXPECT_EQ(view.status, "sending");
    EXPECT_EQ(view.phase, "pre");
    EXPECT_EQ(view.message_id, "<sequitur." + email.uuid.hex() + "@corp.test>");
    ASSERT_EQ(view.events.size(), 2U);
    EXPECT_EQ(view.events[0].type, "deferred");
    EXPECT_EQ(view.events[0].data, "{}");
    EXPECT_EQ(view.events[1].data, "{\"attempt\": 2}");
    EXPECT_FALSE(world.emails_store.find(EmailId::make(world.clock.now())));
}

TEST_F(EmailStoreTest, CancelsWhatHasNotStartedAndGivesItsPlaceBack) {
    world.bring_to(email, "queued");

    const auto cancelled = world.emails_store.cancel(email).value();

    EXPECT_EQ(cancelled.receipt.cancelled, 1);
    EXPECT_EQ(cancelled.receipt.status, "cancelled");
    EXPECT_EQ(state(), "cancelled manual f stopped manual");
    EXPECT_EQ(world.rows("SELECT reserved_count FROM mailbox_daily_counts"), "0");
    EXPECT_FALSE(world.emails_store.cancel(email)->too_late) << "it can be asked again";
    EXPECT_FALSE(world.emails_store.cancel(EmailId::make(world.clock.now())));
}

TEST_F(EmailStoreTest, FlagsWhatIsBeingSentWithoutAPermit) {
    world.bring_to(email, "pre");
    EXPECT_EQ(world.emails_store.cancel(email)->receipt.stopping, 1);
    EXPECT_EQ(state(), "sending manual t stopped manual");
}

TEST_F(EmailStoreTest, FlagsAMailWithItsPermitSoThatItIsNotTriedAgain) {
    world.bring_to(email, "dot");
    EXPECT_EQ(world.emails_store.cancel(email)->receipt.already_leaving, std::vector{email});
    EXPECT_EQ(state(), "sending manual t active ");
}

TEST_F(EmailStoreTest, IsTooLateForAMailThatIsSent) {
    world.bring_to(email, "dot");
    world.run("UPDATE email_queues SET status = 'sent'");
    const auto cancelled = world.emails_store.cancel(email).value();
    EXPECT_TRUE(cancelled.too_late);
    EXPECT_EQ(cancelled.receipt.status, "sent");
    EXPECT_EQ(state(), "sent  f active ");
}

}  // namespace
}  // namespace sequitur
