#include "store/sequence_store.hpp"

#include <gtest/gtest.h>

#include "support/api_world.hpp"

namespace sequitur {
namespace {

using test::ApiWorld;

TEST(Sequences, AreCreatedWithTheirStepsAndVersions) {
    ApiWorld world;
    const auto mailbox = world.mailbox();
    domain::NewSequence draft;
    draft.name = "Q1 outreach";
    draft.steps = {{"Hi", "<p>1</p>", std::nullopt, std::nullopt}, {"", "<p>2</p>", "two", std::nullopt}};
    draft.click_tracking_enabled = false;
    draft.mailbox_ids = {mailbox};

    const auto id = std::get<SequenceId>(world.sequences.create(draft));

    const auto view = world.sequences.find(id).value();
    EXPECT_EQ(view.name, "Q1 outreach");
    EXPECT_EQ(view.status, domain::SequenceStatus::active);
    EXPECT_TRUE(view.open_tracking_enabled);
    EXPECT_FALSE(view.click_tracking_enabled);
    EXPECT_EQ(view.mailbox_ids, std::vector{mailbox});
    ASSERT_EQ(view.steps.size(), 2U);
    EXPECT_EQ(view.steps[0].step_order, 0);
    EXPECT_EQ(view.steps[0].wait_days, 0);
    EXPECT_EQ(view.steps[1].wait_days, 1);
    EXPECT_EQ(world.rows("SELECT s.step_order, v.content, v.content_text FROM steps s JOIN step_versions v ON v.id = "
                         "s.step_version_id AND v.step_id = s.id ORDER BY 1"),
              "0 <p>1</p> ,1 <p>2</p> two");
}

TEST(Sequences, NameTheMailboxesThatDoNotExistAndWriteNothing) {
    ApiWorld world;
    const auto stranger = MailboxId::make(world.clock.now());
    domain::NewSequence draft;
    draft.name = "x";
    draft.steps = {{"Hi", "c", std::nullopt, std::nullopt}};
    draft.mailbox_ids = {world.mailbox(), stranger};

    EXPECT_EQ(std::get<domain::UnknownMailboxes>(world.sequences.create(draft)).ids, std::vector{stranger});

    EXPECT_EQ(world.rows("SELECT count(*) FROM sequences"), "0");
}

TEST(Sequences, AreListedNewestFirstWithTheirCounts) {
    ApiWorld world;
    world.mailbox();
    // Ids of one millisecond have no order: three apart.
    std::vector<std::string> ids;
    for (int i = 1; i <= 3; ++i) {
        ids.push_back("0000000" + std::to_string(i) + "-0000-7000-8000-000000000000");
        world.run("INSERT INTO sequences (id, name) VALUES ('" + ids.back() + "', 's')");
    }
    const auto latest = world.sequence();
    world.enrol(latest, {"a@acme.test", "b@acme.test"});

    const auto first = world.sequences.list(std::nullopt, 2);
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(first[0].id, latest);
    EXPECT_EQ(first[0].enrollments, (std::vector<std::pair<std::string, std::int64_t>>{{"active", 2}}));
    EXPECT_EQ(first[0].emails, (std::vector<std::pair<std::string, std::int64_t>>{{"scheduled", 2}}));
    EXPECT_EQ(first[1].id.text(), ids[2]);
    const auto second = world.sequences.list(first[1].id, 5);
    ASSERT_EQ(second.size(), 2U);
    EXPECT_EQ(second[0].id.text(), ids[1]);
}

TEST(Sequences, ReplaceTheirMailboxes) {
    ApiWorld world;
    const auto one = world.mailbox(), two = world.mailbox();
    const auto id = world.sequence({0}, {one});
    world.enrol(id, {"a@acme.test"});

    EXPECT_EQ(std::get<0>(world.sequences.set_mailboxes(id, {two}).value()), std::vector{two});

    EXPECT_EQ(world.sequences.find(id)->mailbox_ids, std::vector{two});
    EXPECT_EQ(world.rows("SELECT mailbox_id FROM sequence_contacts"), one.text())
        << "who is enrolled keeps the mailbox";
    const auto stranger = MailboxId::make(world.clock.now());
    EXPECT_EQ(std::get<1>(world.sequences.set_mailboxes(id, {stranger}).value()).ids, std::vector{stranger});
    EXPECT_FALSE(world.sequences.set_mailboxes(SequenceId::make(world.clock.now()), {}));
}

TEST(Sequences, GiveWhoHasNoMailboxToOneThatIsAttached) {
    ApiWorld world;
    const auto id = world.sequence({0});
    const auto mailbox = world.mailbox();
    world.mailboxes.pause(mailbox, "manual");
    world.enrol(id, {"a@acme.test"});
    ASSERT_EQ(world.rows("SELECT mailbox_id FROM email_queues"), "");

    world.sequences.set_mailboxes(id, {mailbox});

    EXPECT_EQ(
        world.rows(
            "SELECT e.mailbox_id = sc.mailbox_id, e.mailbox_id FROM email_queues e JOIN sequence_contacts sc ON true"),
        "t " + mailbox.text());
}

TEST(PauseSequence, HoldsWhatWaitsAndStopsWhatHasNoPermit) {
    ApiWorld world;
    world.mailbox();
    const auto id = world.sequence({0});
    world.enrol(id, ApiWorld::addresses(4));
    const auto emails = world.emails();
    world.bring_to(emails[1], "queued");
    world.bring_to(emails[2], "pre");
    world.bring_to(emails[3], "dot");

    const auto receipt = world.sequences.pause(id).value();

    EXPECT_EQ(receipt.status, "paused");
    EXPECT_EQ(receipt.held, 2);
    EXPECT_EQ(receipt.stopping, 1);
    EXPECT_EQ(receipt.already_leaving, std::vector{emails[3]});
    EXPECT_EQ(world.rows("SELECT status, reason, cancel_requested, cancel_saw_phase FROM email_queues ORDER BY id"),
              "held paused f ,held paused f ,sending paused t pre,sending paused t dot");
    EXPECT_EQ(world.rows("SELECT reserved_count FROM mailbox_daily_counts"), "2");
    EXPECT_EQ(world.sequences.pause(id)->stopping, 1) << "it can be asked again";
}

TEST(PauseSequence, LeavesADraftADraft) {
    ApiWorld world;
    const auto id = world.sequence();
    world.run("UPDATE sequences SET status = 'draft'");
    EXPECT_EQ(world.sequences.pause(id)->status, "draft");
    EXPECT_FALSE(world.sequences.pause(SequenceId::make(world.clock.now())));
}

TEST(ActivateSequence, LetsGoOnWhatThePauseHeld) {
    ApiWorld world;
    world.mailbox();
    const auto id = world.sequence({0});
    world.enrol(id, ApiWorld::addresses(3));
    world.bring_to(world.emails()[2], "pre");
    world.sequences.pause(id);
    const auto rings = world.rings;

    const auto receipt = world.sequences.activate(id).value();

    EXPECT_EQ(receipt.status, "active");
    EXPECT_EQ(receipt.scheduled, 2);
    EXPECT_EQ(world.rows("SELECT status, reason, cancel_requested FROM email_queues ORDER BY id"),
              "scheduled  f,scheduled  f,sending  f");
    EXPECT_EQ(world.rings, rings + 1);
    EXPECT_EQ(world.sequences.activate(id)->scheduled, 0);
}

TEST(ActivateSequence, TellsTheProducersOfOtherProcesses) {
    ApiWorld world;
    const auto id = world.sequence();
    pg::Connection other{world.url()};
    other.script("LISTEN sequitur_due");

    world.sequences.activate(id);

    auto heard = other.notifications();
    if (heard.empty() && other.wait_notification(std::chrono::seconds{10})) heard = other.notifications();
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(heard[0].channel, "sequitur_due");
}

}  // namespace
}  // namespace sequitur
