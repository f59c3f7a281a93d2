#include "store/contact_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/api_world.hpp"

namespace sequitur {
namespace {

using test::ApiWorld;

std::string codes(const domain::Enrolled& enrolled) {
    std::string all;
    for (const auto& skipped : enrolled.skipped)
        all += (all.empty() ? "" : " ") + std::to_string(skipped.index) + ":" + skipped.code;
    return all;
}

TEST(Enrol, SchedulesTheFirstMailOfEachPersonAfterItsWait) {
    ApiWorld world;
    const auto mailbox = world.mailbox();
    const auto sequence = world.sequence({2, 1});

    const auto enrolled = world.enrol(sequence, {"b@acme.test", "a@acme.test"});

    EXPECT_EQ(enrolled.contacts_added, 2);
    EXPECT_FALSE(enrolled.due_now);
    EXPECT_EQ(world.rows("SELECT status, current_step, started_at IS NOT NULL, next_send_at = scheduled_for, e_status, "
                         "step_order, sc_mailbox = e_mailbox, round(extract(epoch FROM scheduled_for - now()) / 86400) "
                         "FROM (SELECT sc.status, sc.current_step, sc.started_at, sc.next_send_at, e.scheduled_for, "
                         "e.status AS e_status, e.step_order, sc.mailbox_id AS sc_mailbox, e.mailbox_id AS e_mailbox "
                         "FROM sequence_contacts sc JOIN email_queues e ON e.sequence_contact_id = sc.id) x"),
              "active 0 t t scheduled 0 t 2,active 0 t t scheduled 0 t 2");
    EXPECT_EQ(world.rows("SELECT mailbox_id FROM sequence_contacts LIMIT 1"), mailbox.text());
}

TEST(Enrol, SaysWhenAMailIsDueAtOnce) {
    ApiWorld world;
    const auto sequence = world.sequence({0});
    EXPECT_FALSE(world.enrol(sequence, {"a@acme.test"}).due_now) << "no mailbox yet";
    world.mailbox();
    EXPECT_TRUE(world.enrol(sequence, {"b@acme.test"}).due_now);
}

TEST(Enrol, AddsNobodyTwice) {
    ApiWorld world;
    world.mailbox();
    const auto sequence = world.sequence();
    world.enrol(sequence, {"a@acme.test", "b@acme.test"});
    const auto before = world.rows("SELECT xmin, ctid, * FROM contacts ORDER BY email");

    const auto again = world.enrol(sequence, {"b@acme.test", "a@acme.test"});

    EXPECT_EQ(again.contacts_added, 0);
    EXPECT_EQ(codes(again), "0:already_enrolled 1:already_enrolled");
    EXPECT_EQ(world.rows("SELECT count(*) FROM email_queues"), "2");
    EXPECT_EQ(world.rows("SELECT xmin, ctid, * FROM contacts ORDER BY email"), before) << "nothing was written";
}

TEST(Enrol, FillsInOnlyWhatIsEmpty) {
    ApiWorld world;
    world.run(
        "INSERT INTO contacts (email, first_name, attributes) VALUES ('a@acme.test', 'Ana', '{\"plan\": \"pro\"}')");
    std::vector<domain::NewContact> people(1);
    people[0].email = "A@Acme.test";
    people[0].first_name = "Anna";
    people[0].company = "Acme";
    people[0].attributes = R"({"plan": "free", "city": "Rome"})";
    auto candidates = ApiWorld::candidates(people);
    candidates[0].email = "a@acme.test";

    world.contacts.enrol(world.sequence(), candidates, false);

    EXPECT_EQ(world.rows("SELECT first_name, company, attributes->>'plan', attributes->>'city' FROM contacts"),
              "Ana Acme pro Rome");
}

TEST(Enrol, KeepsWhatWasPostedBesideTheNormalisedAddress) {
    ApiWorld world;
    std::vector<domain::NewContact> people(2);
    people[0].email = "Ana@Acme.test";
    people[1].email = "bo@acme.test";
    auto candidates = ApiWorld::candidates(people);
    candidates[0].email = "ana@acme.test";

    world.contacts.enrol(world.sequence(), candidates, false);

    EXPECT_EQ(world.rows("SELECT email, email_given FROM contacts ORDER BY email"),
              "ana@acme.test Ana@Acme.test,bo@acme.test ");
}

TEST(Enrol, LeavesOutWhoMustNotBeMailed) {
    ApiWorld world;
    world.mailbox();
    world.run("INSERT INTO contacts (email, status) VALUES ('left@acme.test', 'unsubscribed'), "
              "('angry@acme.test', 'complained'), ('dead@acme.test', 'bounced');"
              "INSERT INTO suppressions (kind, value, reason) VALUES ('email', 'no@acme.test', 'manual'), "
              "('domain', 'rival.test', 'manual')");

    const auto enrolled = world.enrol(world.sequence(), {"left@acme.test", "ok@acme.test", "angry@acme.test",
                                                         "dead@acme.test", "no@acme.test", "boss@rival.test"});

    EXPECT_EQ(enrolled.contacts_added, 1);
    EXPECT_EQ(codes(enrolled), "0:unsubscribed 2:unsubscribed 3:suppressed 4:suppressed 5:suppressed");
    EXPECT_EQ(world.rows("SELECT count(*) FROM contacts WHERE email IN ('no@acme.test', 'boss@rival.test')"), "0");
}

TEST(Enrol, WritesNothingWhenToldToAbortAndSomebodyIsLeftOut) {
    ApiWorld world;
    world.mailbox();
    world.run("INSERT INTO suppressions (kind, value, reason) VALUES ('email', 'no@acme.test', 'manual')");
    const auto sequence = world.sequence();

    const auto refused = std::get<domain::Enrolled>(world.try_enrol(sequence, {"new@acme.test", "no@acme.test"}, true));
    EXPECT_EQ(refused.contacts_added, 0);
    EXPECT_EQ(codes(refused), "1:suppressed");
    EXPECT_EQ(world.rows("SELECT count(*) FROM contacts"), "0");

    EXPECT_EQ(std::get<domain::Enrolled>(world.try_enrol(sequence, {"new@acme.test"}, true)).contacts_added, 1);
}

TEST(Enrol, NeedsAnActiveSequence) {
    ApiWorld world;
    const auto sequence = world.sequence();
    world.sequences.pause(sequence);

    const auto paused = world.try_enrol(sequence, {"a@acme.test"});
    EXPECT_EQ(std::get<domain::SequenceNotActive>(paused).status, "paused");
    const auto stranger = world.try_enrol(SequenceId::make(world.clock.now()), {"a@acme.test"});
    EXPECT_TRUE(std::holds_alternative<domain::NoSuchSequence>(stranger));
}

TEST(Enrol, SpreadsByCapacityOverTheActiveMailboxes) {
    ApiWorld world;
    const auto small = world.mailbox(10);
    const auto large = world.mailbox(30);
    const auto paused = world.mailbox(1000);
    world.mailboxes.pause(paused, "manual");

    world.enrol(world.sequence(), ApiWorld::addresses(40));

    EXPECT_EQ(world.rows("SELECT count(*) FROM email_queues WHERE mailbox_id = '" + small.text() + "'"), "10");
    EXPECT_EQ(world.rows("SELECT count(*) FROM email_queues WHERE mailbox_id = '" + large.text() + "'"), "30");
}

TEST(Enrol, StaysWithTheAttachedMailboxesEvenWhenTheyArePaused) {
    ApiWorld world;
    const auto attached = world.mailbox();
    const auto preferred = world.mailbox();
    world.mailbox();
    world.mailboxes.pause(attached, "manual");

    world.enrol(world.sequence({0}, {attached}), {"a@acme.test"});
    EXPECT_EQ(world.rows("SELECT mailbox_id FROM email_queues"), attached.text());

    world.enrol(world.sequence({0}, {attached, preferred}), {"b@acme.test"});
    EXPECT_EQ(world.rows("SELECT mailbox_id FROM email_queues WHERE mailbox_id <> '" + attached.text() + "'"),
              preferred.text());
}

TEST(Enrol, MakesOneRowOfAPersonWhoIsPostedByFiftyRequestsAtOnce) {
    ApiWorld world;
    world.mailbox();
    const auto sequence = world.sequence();
    std::atomic<std::int64_t> added{0};
    {
        std::vector<std::jthread> requests;
        for (int i = 0; i < 50; ++i)
            requests.emplace_back([&, i] {
                auto emails = ApiWorld::addresses(20);
                std::rotate(emails.begin(), emails.begin() + i % 20, emails.end());
                added += world.enrol(sequence, emails).contacts_added;
            });
    }

    EXPECT_EQ(added, 20);
    EXPECT_EQ(world.rows("SELECT (SELECT count(*) FROM contacts), (SELECT count(*) FROM sequence_contacts), "
                         "(SELECT count(*) FROM email_queues)"),
              "20 20 20");
}

TEST(Enrol, TakesFiveThousandPeopleInOneRequest) {
    ApiWorld world;
    for (int i = 0; i < 40; ++i) world.mailbox();
    const auto emails = ApiWorld::addresses(5'000);
    const auto begin = std::chrono::steady_clock::now();

    EXPECT_EQ(world.enrol(world.sequence(), emails).contacts_added, 5'000);

    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count();
    RecordProperty("enrol_5000_ms", static_cast<int>(ms));
}

TEST(Enrollments, ArePagedByIdAndShowTheirEmails) {
    ApiWorld world;
    world.mailbox();
    const auto sequence = world.sequence();
    world.enrol(sequence, ApiWorld::addresses(5));
    world.enrol(world.sequence(), {"other@acme.test"});

    const auto first = world.contacts.enrollments(sequence, std::nullopt, 3);
    ASSERT_EQ(first.items.size(), 3U);
    ASSERT_TRUE(first.next_cursor);
    const auto second = world.contacts.enrollments(sequence, first.next_cursor, 3);

    EXPECT_EQ(second.items.size(), 2U);
    EXPECT_FALSE(second.next_cursor);
    ASSERT_EQ(second.items[0].emails.size(), 1U);
    EXPECT_EQ(second.items[0].emails[0].status, "scheduled");
    EXPECT_EQ(world.contacts.enrollments(std::nullopt, std::nullopt, 50).items.size(), 6U);
}

TEST(Enrollments, SayWhatTheyWaitFor) {
    ApiWorld world;
    const auto sequence = world.sequence({0});
    world.enrol(sequence, {"a@acme.test"});
    const auto waiting_on = [&] {
        return world.contacts.enrollments(sequence, std::nullopt, 1).items.at(0).waiting_on;
    };
    EXPECT_EQ(waiting_on(), "no_mailbox");
    const auto mailbox = world.mailbox(1);
    EXPECT_EQ(waiting_on(), "producer_late");

    const auto set = [&](const std::string& change) {
        world.run(change);
        return waiting_on();
    };
    EXPECT_EQ(set("INSERT INTO mailbox_daily_counts (mailbox_id, date, cap, sent_count) VALUES ('" + mailbox.text() +
                  "', current_date, 1, 1)"),
              "mailbox_capacity");
    EXPECT_EQ(set("UPDATE mailboxes SET backoff_until = now() + interval '1 h'"), "mailbox_backoff");
    EXPECT_EQ(set("UPDATE mailboxes SET status = 'error', state_reason = 'auth_failed'"), "mailbox_login_failed");
    EXPECT_EQ(set("UPDATE mailboxes SET status = 'paused'"), "mailbox_paused");
    EXPECT_EQ(set("UPDATE email_queues SET scheduled_for = now() + interval '1 h'"), "wait_days");
    EXPECT_EQ(set("UPDATE email_queues SET retry_count = 1"), "retry_backoff");
    EXPECT_EQ(set("UPDATE email_queues SET status = 'held', reason = 'missing_variable'"), "missing_variable");
    EXPECT_EQ(set("UPDATE sequences SET status = 'paused'"), "sequence_paused");
    EXPECT_EQ(
        set("UPDATE sequences SET status = 'active'; UPDATE email_queues SET status = 'scheduled'; UPDATE email_queues "
            "SET status = 'queued', charged_date = current_date"),
        "in_kafka");
    EXPECT_EQ(set("UPDATE sequence_contacts SET status = 'stopped'"), std::nullopt);
}

TEST(StopEnrollment, CancelsItsMailAndEndsIt) {
    ApiWorld world;
    world.mailbox();
    const auto sequence = world.sequence();
    world.enrol(sequence, {"a@acme.test"});
    world.bring_to(world.emails()[0], "queued");
    const auto id = world.contacts.enrollments(sequence, std::nullopt, 1).items[0].id;

    const auto stopped = world.contacts.stop_enrollment(id);
    ASSERT_TRUE(stopped);
    EXPECT_FALSE(stopped->already_over);
    EXPECT_EQ(stopped->receipt.cancelled, 1);
    EXPECT_EQ(stopped->receipt.status, "stopped");
    EXPECT_EQ(world.rows("SELECT e.status, e.reason, sc.status, sc.reason, c.reserved_count FROM email_queues e JOIN "
                         "sequence_contacts sc ON true JOIN mailbox_daily_counts c ON true"),
              "cancelled manual stopped manual 0");

    EXPECT_TRUE(world.contacts.stop_enrollment(id)->already_over);
    EXPECT_FALSE(world.contacts.stop_enrollment(EnrollmentId::make(world.clock.now())));
}

TEST(StopEnrollment, NamesTheMailThatHasItsPermit) {
    ApiWorld world;
    world.mailbox();
    const auto sequence = world.sequence();
    world.enrol(sequence, {"a@acme.test"});
    const auto email = world.emails()[0];
    world.bring_to(email, "dot");

    const auto stopped =
        world.contacts.stop_enrollment(world.contacts.enrollments(sequence, std::nullopt, 1).items[0].id);

    EXPECT_EQ(stopped->receipt.already_leaving, std::vector{email});
    EXPECT_EQ(stopped->receipt.cancelled, 0);
}

}  // namespace
}  // namespace sequitur
