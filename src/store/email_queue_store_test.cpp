#include "store/email_queue_store.hpp"

#include <gtest/gtest.h>

#include <set>

#include "store/stop_emails.hpp"
#include "support/queue_world.hpp"

namespace sequitur {
namespace {

using domain::EmailStatus;
using test::QueueWorld;
using namespace std::chrono_literals;

TEST(Produce, ReservesWhatItQueuesAndTellsIt) {
    QueueWorld world;
    const auto mailbox = world.mailbox(30);
    const auto emails = world.enrol(world.sequence(), mailbox, 40);

    EXPECT_EQ(world.produce(), 30);
    EXPECT_EQ(world.produce(), 0);

    EXPECT_EQ(world.counts(mailbox), "30 0 0 0");
    const auto records = world.outbox.take(100);
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].topic, "email-jobs");
    EXPECT_EQ(records[0].slot, slot_of(mailbox));
    const auto jobs = std::get<domain::EmailJobs>(domain::decode_email_jobs(records[0].payload, SystemClock{}.now()));
    EXPECT_EQ(jobs.batch_id.uuid, records[0].id);
    EXPECT_EQ(jobs.emails.size(), 30U);
    EXPECT_EQ(world.one<std::int64_t>("SELECT count(*) FROM dispatch_batches"), 1);
}

TEST(Produce, KeepsAtMostFiftyARecordAndAsManyAheadAsAllowed) {
    QueueWorld world;
    const auto mailbox = world.mailbox(1000);
    world.enrol(world.sequence(), mailbox, 120);

    EXPECT_EQ(world.produce(100), 100);

    EXPECT_EQ(world.outbox.take(100).size(), 2U);
}

TEST(Produce, TakesOneAtATimeFromAMailboxWithAGap) {
    QueueWorld world;
    const auto mailbox = world.mailbox(1000, 60);
    const auto emails = world.enrol(world.sequence(), mailbox, 3);

    EXPECT_EQ(world.produce(), 1);
    EXPECT_EQ(world.produce(), 0);
    const auto first = world.one<EmailId>("SELECT id FROM email_queues WHERE status = 'queued'");
    const auto email = world.claim_one(first);
    world.permit(email);
    domain::Outcome outcome{.id = email.id,
                            .epoch = email.epoch,
                            .event_type = "sent",
                            .reason = {},
                            .error_message = {},
                            .subject = {},
                            .next_try_in = {},
                            .charged_date = email.charged_date,
                            .min_gap_seconds = 60};
    world.queue.flush({.permits = {}, .outcomes = {outcome}, .troubles = {}});

    EXPECT_EQ(world.produce(), 0);
    const auto wait = world.queue.next_due({});
    ASSERT_TRUE(wait);
    EXPECT_GT(*wait, 30s);
    EXPECT_LE(*wait, 60s);
}

TEST(Claim, TakesWhatIsQueuedOnceAndOnlyOnce) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(), world.mailbox(), 3);
    world.produce();

    EXPECT_EQ(world.claim(emails).emails.size(), 3U);
    EXPECT_EQ(world.claim(emails).emails.size(), 0U);

    EXPECT_EQ(world.column("lease_epoch", emails[0]), "1");
}

TEST(Claim, KeepsWhatItTookWhenTheRefusalOfAnotherMustBeRepeated) {
    QueueWorld world;
    const auto sequence = world.sequence();
    const auto taken = world.enrol(sequence, world.mailbox(), 1).at(0);
    const auto resting = world.mailbox();
    const auto refused = world.enrol(sequence, resting, 1).at(0);
    world.produce();
    world.run("UPDATE mailboxes SET backoff_until = now() + interval '1 hour' WHERE id = $1", resting);
    world.sql.script(
        "CREATE SEQUENCE refusals;"
        "CREATE FUNCTION deadlock_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        "  IF nextval('refusals') = 1 THEN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END IF;"
        "  RETURN NULL; END $$;"
        "CREATE TRIGGER deadlock_once AFTER UPDATE ON email_queues FOR EACH ROW WHEN (NEW.status = 'scheduled')"
        "  EXECUTE FUNCTION deadlock_once()");

    const auto claimed = world.claim({taken, refused});

    ASSERT_EQ(claimed.emails.size(), 1U);
    EXPECT_EQ(claimed.emails[0].id, taken);
    EXPECT_EQ(claimed.refused, 1);
}

TEST(Claim, NamesTheIdsThatHaveNoRow) {
    QueueWorld world;
    const auto stranger = EmailId::make(SystemClock{}.now());

    EXPECT_EQ(world.claim({stranger}).missing, std::vector{stranger});
}

TEST(Claim, HoldsWhatAPauseCommittedFirstAndGivesItsPlaceBack) {
    QueueWorld world;
    const auto mailbox = world.mailbox();
    const auto emails = world.enrol(world.sequence(), mailbox, 1);
    world.produce();
    world.run("UPDATE sequences SET status = 'paused'");

    EXPECT_EQ(world.claim(emails).refused, 1);

    EXPECT_EQ(world.status(emails[0]), "held");
    EXPECT_EQ(world.column("reason", emails[0]), "paused");
    EXPECT_EQ(world.counts(mailbox), "0 0 0 0");
}

TEST(Claim, CancelsMailToASuppressedAddressOrDomain) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(), world.mailbox(), 1);
    world.produce();
    world.run("INSERT INTO suppressions (kind, value, reason) VALUES ('domain', 'acme.test', 'manual')");

    world.claim(emails);

    EXPECT_EQ(world.status(emails[0]), "cancelled");
    EXPECT_EQ(world.column("reason", emails[0]), "suppressed");
}

TEST(Claim, SendsMailOfARestingMailboxBackToTheSchedule) {
    QueueWorld world;
    const auto mailbox = world.mailbox();
    const auto emails = world.enrol(world.sequence(), mailbox, 1);
    world.produce();
    world.run("UPDATE mailboxes SET backoff_until = now() + interval '1 hour'");

    world.claim(emails);

    EXPECT_EQ(world.status(emails[0]), "scheduled");
    EXPECT_EQ(world.counts(mailbox), "0 0 0 0");
}

TEST(Claim, ReturnsMailChargedToAnotherDay) {
    QueueWorld world;
    const auto mailbox = world.mailbox();
    const auto emails = world.enrol(world.sequence(), mailbox, 1);
    world.produce();
    world.run(
        "INSERT INTO mailbox_daily_counts (mailbox_id, date, cap, reserved_count) VALUES ($1, current_date - 1, 5, 1)",
        mailbox);
    world.run("UPDATE mailbox_daily_counts SET reserved_count = 0 WHERE date = current_date");
    world.run("UPDATE email_queues SET charged_date = current_date - 1, charged_until = current_date");

    world.claim(emails);

    EXPECT_EQ(world.status(emails[0]), "scheduled");
    EXPECT_EQ(world.one<std::int32_t>("SELECT reserved_count FROM mailbox_daily_counts WHERE date = current_date - 1"),
              0);
}

TEST(Permit, IsGrantedOnceToTheOwnerOfTheLease) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(), world.mailbox(), 1);
    world.produce();
    auto email = world.claim_one(emails[0]);

    EXPECT_TRUE(world.permit(email));
    EXPECT_FALSE(world.permit(email));
    EXPECT_TRUE(world.permit(email, true)) << "a flush whose end is not known is asked again";
    email.epoch = 7;
    EXPECT_FALSE(world.permit(email));
    EXPECT_EQ(world.column("phase", emails[0]), "dot");
}

TEST(Permit, IsRefusedToACancelledMailWhichEndsThere) {
    QueueWorld world;
    const auto mailbox = world.mailbox();
    const auto emails = world.enrol(world.sequence(), mailbox, 1);
    world.produce();
    const auto email = world.claim_one(emails[0]);
    domain::StopReceipt receipt;
    store::stop_emails(world.sql, emails, store::StopTarget::cancelled, "manual", receipt);
    EXPECT_EQ(receipt.stopping, 1);

    EXPECT_FALSE(world.permit(email));

    EXPECT_EQ(world.status(emails[0]), "cancelled");
    EXPECT_EQ(world.column("cancel_saw_phase", emails[0]), "pre");
    EXPECT_EQ(world.counts(mailbox), "0 0 0 0");
}

TEST(Permit, IsRefusedNearTheEndOfTheLeaseAndTheMailGoesBack) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(), world.mailbox(), 1);
    world.produce();
    const auto email = world.claim_one(emails[0]);
    world.run("UPDATE email_queues SET lease_until = now() + interval '10 min 50 s'");

    EXPECT_FALSE(world.permit(email));

    EXPECT_EQ(world.status(emails[0]), "scheduled");
}

TEST(Permit, IsRefusedAfterTheMailboxPausedAndTheMailGoesBack) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(), world.mailbox(), 1);
    world.produce();
    const auto email = world.claim_one(emails[0]);
    domain::StopReceipt receipt;
    store::stop_emails(world.sql, emails, store::StopTarget::scheduled, "mailbox_paused", receipt);

    EXPECT_FALSE(world.permit(email));

    EXPECT_EQ(world.status(emails[0]), "scheduled");
    EXPECT_EQ(world.column("cancel_requested", emails[0]), "false");
}

TEST(StopAct, NamesTheMailThatHadItsPermitFirst) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(), world.mailbox(), 2);
    world.produce();
    const auto email = world.claim_one(emails[0]);
    world.permit(email);
    domain::StopReceipt receipt;

    store::stop_emails(world.sql, emails, store::StopTarget::cancelled, "manual", receipt);

    EXPECT_EQ(receipt.already_leaving, std::vector{emails[0]});
    EXPECT_EQ(receipt.cancelled, 1);
    EXPECT_TRUE(world.end(email, EmailStatus::sent));
    EXPECT_EQ(world.status(emails[0]), "sent");
}

TEST(Outcome, MovesTheReservationAndAnnouncesTheStep) {
    QueueWorld world;
    const auto mailbox = world.mailbox();
    const auto emails = world.enrol(world.sequence(), mailbox, 1);
    world.produce();
    world.outbox.take(9);
    world.outbox.mark_published();

    world.send(emails[0]);

    EXPECT_EQ(world.status(emails[0]), "sent");
    EXPECT_EQ(world.counts(mailbox), "0 1 0 0");
    EXPECT_EQ(world.one<std::int64_t>("SELECT count(*) FROM email_events WHERE event_type = 'sent'"), 1);
    std::set<std::string> topics;
    for (const auto& record : world.outbox.take(9)) topics.insert(record.topic);
    EXPECT_EQ(topics, (std::set<std::string>{"followup-events", "email-events"}));
}

TEST(Outcome, OfAnotherEpochCountsNothing) {
    QueueWorld world;
    const auto mailbox = world.mailbox();
    const auto emails = world.enrol(world.sequence(), mailbox, 1);
    world.produce();
    auto email = world.claim_one(emails[0]);
    world.permit(email);

    EXPECT_TRUE(world.end(email, EmailStatus::sent));
    EXPECT_FALSE(world.end(email, EmailStatus::sent)) << "a repeated one";
    email.epoch = 0;
    EXPECT_FALSE(world.end(email, EmailStatus::sent)) << "a fenced one";

    EXPECT_EQ(world.counts(mailbox), "0 1 0 0");
}

TEST(Outcome, OfAFlaggedMailThatDidNotLeaveIsItsCancellation) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(), world.mailbox(), 1);
    world.produce();
    const auto email = world.claim_one(emails[0]);
    world.permit(email);
    domain::StopReceipt receipt;
    store::stop_emails(world.sql, emails, store::StopTarget::cancelled, "manual", receipt);

    world.end(email, EmailStatus::failed, "deferred", 1h);

    EXPECT_EQ(world.status(emails[0]), "cancelled");
    EXPECT_EQ(world.one<std::string>("SELECT status::text || '/' || reason FROM sequence_contacts"), "stopped/manual")
        << "nothing can follow it";
}

TEST(Outcome, OfAHardBounceEndsThePersonEverywhere) {
    QueueWorld world;
    const auto mailbox = world.mailbox();
    const auto emails = world.enrol(world.sequence(), mailbox, 1);
    const auto other = world.sequence();
    world.run("INSERT INTO sequence_contacts (sequence_id, contact_id, mailbox_id, status) SELECT $1, id, $2, 'active' "
              "FROM contacts",
              other, mailbox);
    world.run(
        "INSERT INTO email_queues (sequence_contact_id, mailbox_id, step_id, step_version_id, step_order, "
        "scheduled_for) "
        "SELECT sc.id, sc.mailbox_id, s.id, s.step_version_id, 0, now() + interval '1 day' FROM sequence_contacts sc "
        "JOIN steps s USING (sequence_id) WHERE sc.sequence_id = $1 AND s.step_order = 0",
        other);
    world.produce();
    const auto email = world.claim_one(emails[0]);

    world.end(email, EmailStatus::permanent_failure, "bounced");

    EXPECT_EQ(world.status(emails[0]), "permanent_failure");
    EXPECT_EQ(world.one<std::string>(
                  "SELECT string_agg(status::text || '/' || reason, ' ' ORDER BY status) FROM sequence_contacts"),
              "bounced/bounced stopped/suppressed");
    EXPECT_EQ(world.one<std::string>("SELECT status::text FROM contacts"), "bounced");
    EXPECT_EQ(world.one<std::int64_t>("SELECT count(*) FROM suppressions"), 1);
    EXPECT_EQ(world.one<std::int64_t>(
                  "SELECT count(*) FROM email_queues WHERE status = 'cancelled' AND reason = 'suppressed'"),
              1);
}

TEST(Outcome, ThatComesLateSettlesAnUnknownMail) {
    QueueWorld world{20min};
    const auto mailbox = world.mailbox();
    const auto emails = world.enrol(world.sequence(), mailbox, 1);
    world.produce();
    const auto email = world.claim_one(emails[0]);
    world.permit(email);
    world.run("UPDATE email_queues SET lease_until = now() - interval '1 s'");
    world.run("UPDATE dispatch_batches SET check_at = now() - interval '1 s'");

    EXPECT_EQ(world.queue.sweep_batches(10min, 10).unknown, 1);
    EXPECT_EQ(world.status(emails[0]), "unknown");
    EXPECT_EQ(world.counts(mailbox), "0 0 1 0");
    EXPECT_TRUE(world.end(email, EmailStatus::sent));

    EXPECT_EQ(world.status(emails[0]), "sent");
    EXPECT_EQ(world.counts(mailbox), "0 1 0 0");
}

TEST(Followup, SchedulesTheNextStepAfterTheRealSendOnceAndForAll) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(2, 3), world.mailbox(), 1);
    world.produce();
    world.send(emails[0]);
    const auto enrollment = world.one<EnrollmentId>("SELECT id FROM sequence_contacts");
    const std::vector<domain::StepCompleted> told{{enrollment, emails[0], 0}};

    EXPECT_EQ(world.queue.schedule_followups(told, {}, 24h).scheduled, 1);
    EXPECT_EQ(world.queue.schedule_followups(told, {}, 24h).ignored, 1);

    EXPECT_EQ(world.one<std::string>("SELECT (n.scheduled_for - e.sent_at)::text FROM email_queues n, email_queues e "
                                     "WHERE n.step_order = 1 AND e.step_order = 0"),
              "3 days");
    EXPECT_EQ(world.one<std::int32_t>("SELECT current_step FROM sequence_contacts"), 1);
}

TEST(Followup, CompletesAfterTheLastStepAndIgnoresWhatComesLate) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(2, 0), world.mailbox(), 1);
    world.produce();
    world.send(emails[0]);
    const auto enrollment = world.one<EnrollmentId>("SELECT id FROM sequence_contacts");
    world.queue.schedule_followups({{enrollment, emails[0], 0}}, {}, 24h);
    world.produce();
    const auto second = world.one<EmailId>("SELECT id FROM email_queues WHERE step_order = 1");
    const auto email = world.claim_one(second);
    ASSERT_EQ(email.thread.size(), 1U);
    EXPECT_EQ(email.thread[0].message_id, "<sequitur." + emails[0].uuid.hex() + "@corp.test>");
    world.permit(email);
    world.end(email, EmailStatus::sent);

    EXPECT_EQ(world.queue.schedule_followups({{enrollment, second, 1}}, {}, 24h).completed, 1);
    EXPECT_EQ(world.queue.schedule_followups({{enrollment, emails[0], 0}, {enrollment, second, 1}}, {}, 24h).ignored,
              2);

    EXPECT_EQ(world.one<std::string>("SELECT status::text || '/' || reason FROM sequence_contacts"),
              "completed/no_reply");
}

TEST(Retry, ReschedulesUntilTheThirdFailureWhichIsPermanent) {
    QueueWorld world;
    const auto mailbox = world.mailbox();
    const auto emails = world.enrol(world.sequence(), mailbox, 1);
    for (int failure = 1; failure <= 3; ++failure) {
        world.produce();
        const auto email = world.claim_one(emails[0]);
        EXPECT_EQ(email.retry_count, failure - 1);
        world.end(email, EmailStatus::failed, "deferred", failure < 3 ? std::optional<Duration>{1h} : std::nullopt);
        EXPECT_EQ(world.status(emails[0]), "failed");

        const auto done = world.queue.apply_retries({{email.id, email.epoch, failure, {}}}, {});

        EXPECT_EQ(done.scheduled, failure < 3 ? 1 : 0);
        EXPECT_EQ(done.permanent, failure < 3 ? 0 : 1);
        if (failure < 3) { EXPECT_GT(*world.queue.next_due({}), 59min); }
        world.run("UPDATE email_queues SET scheduled_for = now() - interval '1 s' WHERE status = 'scheduled'");
    }
    EXPECT_EQ(world.status(emails[0]), "permanent_failure");
    EXPECT_EQ(world.one<std::string>("SELECT status::text || '/' || reason FROM sequence_contacts"), "stopped/failed");
    EXPECT_EQ(world.one<std::string>("SELECT status::text FROM contacts"), "active");
    EXPECT_EQ(world.counts(mailbox), "0 0 0 3");
}

TEST(Janitor, ReturnsQueuedMailThatNobodyClaimed) {
    QueueWorld world;
    const auto mailbox = world.mailbox();
    const auto emails = world.enrol(world.sequence(), mailbox, 2);
    world.produce();
    world.run("UPDATE email_queues SET queued_at = now() - interval '11 min'");
    world.run("UPDATE dispatch_batches SET check_at = now() - interval '1 s'");

    EXPECT_EQ(world.queue.sweep_batches(10min, 10).rescheduled, 2);

    EXPECT_EQ(world.counts(mailbox), "0 0 0 0");
    EXPECT_EQ(world.one<std::int64_t>("SELECT count(*) FROM dispatch_batches"), 0);
}

TEST(Janitor, ReturnsAnExpiredLeaseBeforeTheDotAndFencesItsOwner) {
    QueueWorld world;
    const auto mailbox = world.mailbox();
    const auto emails = world.enrol(world.sequence(), mailbox, 1);
    world.produce();
    const auto zombie = world.claim_one(emails[0]);
    world.run("UPDATE email_queues SET lease_until = now() - interval '1 s'");
    world.run("UPDATE dispatch_batches SET check_at = now() - interval '1 s'");

    EXPECT_EQ(world.queue.sweep_batches(10min, 10).rescheduled, 1);
    world.produce();
    const auto owner = world.claim_one(emails[0]);

    EXPECT_FALSE(world.permit(zombie));
    EXPECT_EQ(world.status(emails[0]), "sending") << "a zombie's refusal must not touch its successor";
    EXPECT_TRUE(world.permit(owner));
}

TEST(Janitor, LooksAgainWhenAnOpenBatchCanBeStuck) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(), world.mailbox(), 2);
    world.produce();
    world.send(emails[0]);
    world.run("UPDATE dispatch_batches SET check_at = now() - interval '1 s'");

    world.queue.sweep_batches(10min, 10);

    EXPECT_EQ(world.one<std::string>("SELECT array_to_string(email_ids, ' ') FROM dispatch_batches"), emails[1].text());
}

TEST(Janitor, AssumesSentAfterADayAndGoesOn) {
    QueueWorld world;
    const auto mailbox = world.mailbox();
    const auto emails = world.enrol(world.sequence(), mailbox, 1);
    world.produce();
    const auto email = world.claim_one(emails[0]);
    world.permit(email);
    world.end(email, EmailStatus::unknown, "no_answer");
    EXPECT_EQ(world.queue.assume_sent(24h, 10), 0);
    world.run("UPDATE email_queues SET dot_at = now() - interval '25 h'");

    EXPECT_EQ(world.queue.assume_sent(24h, 10), 1);

    EXPECT_EQ(world.column("(sent_at = dot_at)", emails[0]), "true");
    EXPECT_EQ(world.counts(mailbox), "0 0 1 0");
    EXPECT_EQ(world.one<std::int64_t>("SELECT count(*) FROM outbox WHERE topic = 'followup-events'"), 1);
    EXPECT_TRUE(world.end(email, EmailStatus::sent)) << "evidence of acceptance still counts";
    EXPECT_EQ(world.counts(mailbox), "0 1 0 0");
}

TEST(Janitor, GivesStaleFailuresTheRetryRule) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(), world.mailbox(), 1);
    world.produce();
    world.end(world.claim_one(emails[0]), EmailStatus::failed, "deferred", 1h);

    EXPECT_EQ(world.queue.sweep_failed(10min, 10).scheduled, 0);
    EXPECT_EQ(world.queue.sweep_failed(0s, 10).scheduled, 1);
}

TEST(Janitor, ReleasesHeldMailOnceItsReasonIsGone) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(), world.mailbox(), 2);
    world.produce();
    world.end(world.claim_one(emails[0]), EmailStatus::held, "missing_variable");
    world.run("UPDATE sequences SET status = 'paused'");
    world.claim({emails[1]});
    EXPECT_EQ(world.queue.release_held(10), 0);
    world.run("UPDATE sequences SET status = 'active'");

    EXPECT_EQ(world.queue.release_held(10), 1);
    EXPECT_EQ(world.status(emails[1]), "scheduled");
    world.run("UPDATE contacts SET company = 'Acme', updated_at = clock_timestamp()");

    EXPECT_EQ(world.queue.release_held(10), 1);
    EXPECT_EQ(world.status(emails[0]), "scheduled");
}

TEST(Janitor, FindsPeopleWhoseFollowupWasLost) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(), world.mailbox(), 3);
    world.produce();
    world.send(emails[1]);

    EXPECT_TRUE(world.queue.stranded(10min, 100).empty());
    const auto found = world.queue.stranded(0s, 2);
    const auto more = world.queue.stranded(0s, 2);

    ASSERT_EQ(found.size() + more.size(), 1U);
    EXPECT_EQ((found.empty() ? more : found)[0].email_queue_id, emails[1]);
}

TEST(Resume, LetsHeldMailGoOnAndTakesFlagsBack) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(), world.mailbox(), 3);
    world.produce();
    const auto email = world.claim_one(emails[0]);
    world.run("UPDATE sequences SET status = 'paused'");
    domain::StopReceipt receipt;
    store::stop_emails(world.sql, emails, store::StopTarget::held, "paused", receipt);
    EXPECT_EQ(receipt.held, 2);
    EXPECT_EQ(receipt.stopping, 1);
    EXPECT_EQ(store::resume_emails(world.sql, emails), 0) << "still paused";
    world.run("UPDATE sequences SET status = 'active'");

    EXPECT_EQ(store::resume_emails(world.sql, emails), 2);

    EXPECT_TRUE(world.permit(email));
}

TEST(Edges, AreRefusedByTheDatabaseToo) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(), world.mailbox(), 1);
    world.produce();
    world.send(emails[0]);

    EXPECT_THROW(world.run("UPDATE email_queues SET status = 'queued'"), pg::Error);
}

TEST(Edges, AreTheSameInTheProgramAndInTheTrigger) {
    QueueWorld world;
    const auto emails = world.enrol(world.sequence(), world.mailbox(), 1);
    for (int from = 0; from < 10; ++from)
        for (int to = 0; to < 10; ++to) {
            const auto a = static_cast<EmailStatus>(from);
            const auto b = static_cast<EmailStatus>(to);
            if (a == b) continue;
            const auto set = [&](EmailStatus s) {
                world.run("UPDATE email_queues SET status = $1::email_queue_status, phase = 'pre', "
                          "charged_date = CASE WHEN $2 THEN current_date END",
                          std::string{name(s)}, is_charged(s));
            };
            world.run("ALTER TABLE email_queues DISABLE TRIGGER email_queues_edges");
            set(a);
            world.run("ALTER TABLE email_queues ENABLE TRIGGER email_queues_edges");
            if (may_become(a, b)) {
                EXPECT_NO_THROW(set(b)) << name(a) << " to " << name(b);
            } else {
                EXPECT_THROW(set(b), pg::Error) << name(a) << " to " << name(b);
            }
        }
}

}  // namespace
}  // namespace sequitur
