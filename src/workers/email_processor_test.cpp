#include "workers/email_processor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fault.hpp"
#include "support/fake_bus.hpp"
#include "support/fake_email_queue.hpp"
#include "support/fake_transport.hpp"
#include "support/manual_clock.hpp"

namespace sequitur::workers {
namespace {

using namespace std::chrono_literals;
using domain::EmailStatus;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

struct FakeAccounts final : domain::Accounts {
    std::vector<domain::SenderAccount> accounts;
    std::vector<domain::SenderAccount> load(const std::vector<MailboxId>&) override { return accounts; }
};

struct PlainComposer final : domain::Composer {
    std::string compose(const domain::MailParts& parts) const override {
        if (refuses) throw std::invalid_argument("a line break in the header field To");
        std::string answers;
        for (const auto& reference : parts.references) answers += "to " + reference + "\r\n";
        return parts.subject + "\r\n" + answers + parts.html + "\r\n";
    }
    std::optional<std::string> text_source(std::string_view) const override { return std::nullopt; }
    bool refuses = false;
};

struct EmailProcessorTest : testing::Test {
    EmailProcessorTest() {
        sessions.attach(transport, writer);
        auto account = std::make_shared<domain::SmtpAccount>();
        account->mailbox = email.mailbox;
        account->version = 1;
        account->address = "me@corp.test";
        accounts.accounts = {{account, "Me", 0}};
        queue.texts = {{email.step_version, "Hi {{first_name}}", "<p>{{company|you}}</p>", {}}};
    }
    ~EmailProcessorTest() override { fault::configure(""); }

    static SenderConfig sender_config() {
        SenderConfig made;
        made.worker = "host:1";
        return made;
    }
    static domain::ClaimedEmail claimed_email(TimePoint now) {
        domain::ClaimedEmail claimed;
        claimed.id = EmailId::make(now);
        claimed.epoch = 4;
        claimed.mailbox = MailboxId::make(now);
        claimed.mailbox_version = 1;
        claimed.step_version = StepVersionId::make(now);
        claimed.max_retries = 3;
        claimed.to = "ana@acme.test";
        claimed.first_name = "Ana";
        claimed.attributes = "{}";
        claimed.contact_version = now - std::chrono::hours{1};
        return claimed;
    }
    void feed_job() {
        bus.feed(
            domain::topics::email_jobs,
            encode(domain::EmailJobs{BatchId::make(clock.now()), clock.now(), {{email.id, {}, email.mailbox, 0}}}));
    }
    /// One record, claimed and begun.
    void begin() {
        queue.claims.push_back({.emails = {email}, .refused = 0, .missing = {}});
        feed_job();
        processor.run_once(clock.now(), 0s, {});
    }
    const domain::Outcome& written() {
        writer.run_once();
        return queue.flush_calls.back().outcomes.at(0);
    }

    test::Trace trace;
    test::FakeBus bus{trace};
    test::FakeEmailQueue queue{trace};
    test::ManualClock clock;
    metrics::Registry registry;
    Surroundings surroundings{clock, registry};
    Doorbell producer_bell, relay_bell;
    domain::ClaimedEmail email = claimed_email(clock.now());
    FakeAccounts accounts;
    PlainComposer composer;
    SenderConfig config = sender_config();
    Sessions sessions{config, clock, registry};
    OutcomeWriter writer{queue, sessions, producer_bell, relay_bell, {}, surroundings};
    test::FakeTransport transport{sessions, trace};
    EmailProcessor processor{bus, queue, sessions, Letters{queue, accounts, composer}, config, surroundings};
};

TEST_F(EmailProcessorTest, ClaimsThenCommitsTheOffsetThenSends) {
    begin();

    EXPECT_THAT(trace, ElementsAre("claim", "commit email-jobs 0:1", "step_texts", "start"));
    EXPECT_EQ(transport.message(), "Hi Ana\r\n<p>you</p>\r\n");
    EXPECT_EQ(transport.started.at(0).to, "ana@acme.test");
}

TEST_F(EmailProcessorTest, GivesTheTimeBeforeTheDotEightTwentiethsOfTheLeaseFromTheQuestion) {
    begin();

    EXPECT_EQ(transport.started.at(0).dot_before, clock.steady_now() + 8min);
    EXPECT_EQ(transport.started.at(0).dot_timeout, 600s);
}

TEST_F(EmailProcessorTest, WritesNoDotBeforeThePermitIsCommitted) {
    begin();
    transport.ready();
    EXPECT_TRUE(transport.proceeded.empty());

    writer.run_once();

    EXPECT_THAT(trace, ElementsAre("claim", "commit email-jobs 0:1", "step_texts", "start", "flush", "dot"));
}

TEST_F(EmailProcessorTest, AbandonsARefusedMailAndWritesNothingForIt) {
    begin();
    transport.ready();
    queue.flushes.push_back({});

    writer.run_once();

    EXPECT_THAT(transport.abandoned, ElementsAre(transport.started[0].key));
    EXPECT_TRUE(writer.idle()) << "its row has moved on in the refusal";
    EXPECT_EQ(sessions.open(), 0U);
}

TEST_F(EmailProcessorTest, RecordsTheAcceptanceWithWhatWasSent) {
    begin();
    transport.ready();
    writer.run_once();
    transport.end(domain::Accepted{{250, "2.0.0", "Ok: queued as 7"}});

    const auto& row = written();

    EXPECT_EQ(row.status, EmailStatus::sent);
    EXPECT_EQ(row.event_type, "sent");
    EXPECT_EQ(row.subject, "Hi Ana");
    EXPECT_THAT(row.event_data, HasSubstr(R"("epoch":4,"worker":"host:1")"));
    EXPECT_THAT(row.event_data, HasSubstr(R"("code":250,"enhanced":"2.0.0","reply":"Ok: queued as 7","sha256":"sha")"));
}

TEST_F(EmailProcessorTest, RecordsALostAnswerAsUnknown) {
    begin();
    transport.ready();
    writer.run_once();
    transport.end(domain::Broken{domain::SmtpPhase::dot, "connection lost"});

    EXPECT_EQ(written().status, EmailStatus::unknown);
}

TEST_F(EmailProcessorTest, DefersARecipientAndCountsIt) {
    begin();
    transport.end(domain::Refused{domain::SmtpPhase::rcpt, {451, "4.2.0", "greylisted"}}, false);

    const auto& row = written();

    EXPECT_EQ(row.status, EmailStatus::failed);
    EXPECT_EQ(row.event_type, "deferred");
    ASSERT_TRUE(row.next_try_in);
    EXPECT_GE(*row.next_try_in, 48min);
    EXPECT_LE(*row.next_try_in, 72min);
    EXPECT_FALSE(row.subject) << "it did not leave";
}

TEST_F(EmailProcessorTest, CallsTheThirdFailureFinal) {
    email.retry_count = 2;
    begin();
    transport.end(domain::Refused{domain::SmtpPhase::rcpt, {451, "4.2.0", "greylisted"}}, false);

    const auto& row = written();

    EXPECT_EQ(row.status, EmailStatus::failed);
    EXPECT_EQ(row.event_type, "failed");
    EXPECT_FALSE(row.next_try_in);
}

TEST_F(EmailProcessorTest, BlamesTheMailboxAndLeavesTheMailAlone) {
    email.backoff_count = 2;
    begin();
    transport.end(domain::Broken{domain::SmtpPhase::connect, "refused"}, false);

    EXPECT_EQ(written().status, EmailStatus::scheduled);

    const auto& troubles = queue.flush_calls.back().troubles;
    ASSERT_EQ(troubles.size(), 1U);
    EXPECT_GE(troubles[0].rest.rest, 192s) << "4 min - 20 %: the third rest in a row";
    EXPECT_LE(troubles[0].rest.rest, 288s);
    EXPECT_FALSE(troubles[0].rest.needs_a_person);
}

TEST_F(EmailProcessorTest, HoldsAMailWhoseVariableIsMissing) {
    email.first_name.reset();
    begin();

    const auto& row = written();

    EXPECT_TRUE(transport.started.empty());
    EXPECT_EQ(row.status, EmailStatus::held);
    EXPECT_EQ(row.reason, "missing_variable");
    EXPECT_EQ(row.error_message, "first_name");
    EXPECT_EQ(row.contact_version, email.contact_version) << "the contact that was read";
}

TEST_F(EmailProcessorTest, Case90NeedsNoValueOfABranchThatIsNotTaken) {
    queue.texts = {{email.step_version, "Hi", "{% if company %}{{company}}{% else %}{{first_name}}{% endif %}", {}}};
    begin();

    EXPECT_EQ(transport.message(), "Hi\r\nAna\r\n");
}

TEST_F(EmailProcessorTest, KnowsItsStepAndItsDay) {
    queue.texts = {{email.step_version, "{{step}} {{today}}", "x", {}}};
    email.step_order = 1;
    email.first_attempt_at = TimePoint{std::chrono::sys_days{std::chrono::year{2025} / 11 / 24} + 23h};
    accounts.accounts[0].utc_offset_minutes = 60;
    begin();

    EXPECT_EQ(transport.message(), "2 2025-11-25\r\nx\r\n");
}

TEST_F(EmailProcessorTest, Case21AnswersTheSubjectThatWasSentWhateverTheContactIsCalledNow) {
    queue.texts = {{email.step_version, "", "x", {}}};
    email.first_name = "Anna";
    email.thread = {{"<1@corp.test>", "Hi Ana"}};
    begin();

    EXPECT_EQ(transport.message(), "Re: Hi Ana\r\nto <1@corp.test>\r\nx\r\n");
}

TEST_F(EmailProcessorTest, Case91ChoosesAsTheFirstMailDidWhereItsOutcomeWasLost) {
    const std::string subject = "{0|1|2|3|4|5|6|7|8|9}{0|1|2|3|4|5|6|7|8|9} {{step}}";
    queue.texts = {{email.step_version, subject, "x", {}}};
    begin();
    const auto first = transport.message();
    const auto followup = StepVersionId::make(clock.now());
    queue.texts = {{followup, "", "x", {}}};
    email.thread = {{"<1@corp.test>", subject, true, email.id, 0}};
    email.id = EmailId::make(clock.now());
    email.step_version = followup;
    email.step_order = 1;
    begin();

    EXPECT_EQ(transport.message(1), "Re: " + first.substr(0, 4) + "\r\nto <1@corp.test>\r\nx\r\n");
}

TEST_F(EmailProcessorTest, KnowsTheContactsOwnAttributesWhereOnlyTheThreadNamesThem) {
    email.attributes = R"({"city":"Ulm"})";
    email.thread = {{"<1@corp.test>", "Hi {{custom.city}}", true}};
    queue.texts = {{email.step_version, "", "x", {}}};
    begin();

    EXPECT_EQ(transport.message(), "Re: Hi Ulm\r\nto <1@corp.test>\r\nx\r\n");
}

TEST_F(EmailProcessorTest, Case22RecordsTheMessageIdThatTheProviderPutIn) {
    auto account = std::make_shared<domain::SmtpAccount>(*accounts.accounts[0].smtp);
    account->host = "email-smtp.eu-west-1.amazonaws.com";
    accounts.accounts[0].smtp = account;
    begin();
    transport.message();
    transport.ready();
    writer.run_once();
    transport.end(domain::Accepted{{250, "", "Ok 0102abc"}});

    EXPECT_EQ(written().effective_message_id, "<0102abc@eu-west-1.amazonses.com>");
}

TEST_F(EmailProcessorTest, HoldsAMailThatTheComposerRefuses) {
    composer.refuses = true;
    begin();
    EXPECT_EQ(transport.message(), "none");
    transport.end(domain::Abandoned{"unwritable"}, false);

    const auto& row = written();

    EXPECT_EQ(row.status, EmailStatus::held);
    EXPECT_EQ(row.reason, "content");
}

TEST_F(EmailProcessorTest, GivesAMailBackWhoseMailboxItCanNotUse) {
    accounts.accounts.clear();
    begin();

    EXPECT_EQ(written().status, EmailStatus::scheduled);
    EXPECT_TRUE(queue.flush_calls.back().troubles.at(0).rest.needs_a_person) << "else it would spin";
}

TEST_F(EmailProcessorTest, KeepsWhatItClaimedWhenTheTextsCanNotBeReadYet) {
    queue.unavailable = {"step_texts", 1};
    queue.claims.push_back({.emails = {email}, .refused = 0, .missing = {}});
    feed_job();
    EXPECT_THROW(processor.run_once(clock.now(), 0s, {}), domain::StoreUnavailable);

    processor.run_once(clock.now(), 0s, {});

    EXPECT_EQ(transport.started.size(), 1U);
}

TEST_F(EmailProcessorTest, SetsPoisonAsideBeforeItsOffsetIsCommitted) {
    bus.feed(domain::topics::email_jobs, "{\"v\":99}");

    processor.run_once(clock.now(), 0s, {});

    EXPECT_THAT(trace, ElementsAre("publish email-jobs.dlq", "commit email-jobs 0:1"));
}

TEST_F(EmailProcessorTest, NamesUnknownEmailsInOneDeadLetterAndSendsTheRest) {
    const auto stranger = EmailId::make(clock.now());
    queue.claims.push_back({.emails = {email}, .refused = 0, .missing = {stranger}});
    bus.feed(domain::topics::email_jobs,
             encode(domain::EmailJobs{BatchId::make(clock.now()),
                                      clock.now(),
                                      {{email.id, {}, email.mailbox, 0}, {stranger, {}, email.mailbox, 0}}}));

    processor.run_once(clock.now(), 0s, {});

    ASSERT_EQ(bus.published.size(), 1U);
    EXPECT_THAT(bus.published[0].payload, HasSubstr(stranger.text()));
    EXPECT_EQ(transport.started.size(), 1U);
}

TEST_F(EmailProcessorTest, TakesNothingMoreWhileItIsFull) {
    SenderConfig small = config;
    small.in_flight_max = 50;
    EmailProcessor full{bus, queue, sessions, Letters{queue, accounts, composer}, small, surroundings};
    begin();
    feed_job();

    full.run_once(clock.now(), 0s, {});

    EXPECT_EQ(queue.claim_calls.size(), 1U);
}

TEST_F(EmailProcessorTest, WaitsForPlacesEnoughBeforeItClaimsAgain) {
    SenderConfig large = config;
    large.in_flight_max = 1'000;  // 20 records: two and a half are an eighth
    EmailProcessor processor_of_many{bus, queue, sessions, Letters{queue, accounts, composer}, large, surroundings};
    const auto fill_up_to = [&](std::size_t emails) {
        for (auto n = sessions.open(); n < emails; ++n) {
            auto one = email;
            one.id = EmailId::make(clock.now());
            queue.claims.push_back({.emails = {one}, .refused = 0, .missing = {}});
            feed_job();
            processor_of_many.run_once(clock.now(), 0s, {});
        }
    };
    fill_up_to(901);
    const auto claims = queue.claim_calls.size();
    feed_job();

    processor_of_many.run_once(clock.now(), 0s, {});
    EXPECT_EQ(queue.claim_calls.size(), claims) << "one record would fit";

    sessions.done(transport.started.back().key, domain::Abandoned{"budget"}, {});
    processor_of_many.run_once(clock.now(), 0s, {});
    EXPECT_EQ(queue.claim_calls.size(), claims + 1) << "two records would";
}

TEST_F(EmailProcessorTest, LetsOutcomesWaitForMoreWhilePermitsCome) {
    const auto record = [&] {
        domain::Outcome outcome;
        outcome.id = EmailId::make(clock.now());
        writer.record(std::move(outcome));
    };
    const auto flushed = [&] {
        writer.ask({EmailId::make(clock.now()), 1});
        writer.run_once();
        return queue.flush_calls.back();
    };
    record();

    EXPECT_TRUE(flushed().outcomes.empty()) << "the permit must not wait for them";
    record();
    clock.advance(WriterConfig{}.outcomes_wait);

    EXPECT_EQ(flushed().outcomes.size(), 2U) << "the oldest has waited long enough";
    EXPECT_TRUE(writer.idle());
}

TEST_F(EmailProcessorTest, WritesAnOutcomeAtOnceWhereNoPermitIsAskedFor) {
    domain::Outcome outcome;
    outcome.id = EmailId::make(clock.now());
    writer.record(std::move(outcome));

    writer.run_once();

    EXPECT_EQ(queue.flush_calls.at(0).outcomes.size(), 1U);
}

TEST_F(EmailProcessorTest, FollowsAThreadWithTheSubjectThatWasSent) {
    email.thread = {{"<a@corp.test>", "Hi Ana"}};
    queue.texts = {{email.step_version, "", "<p>Still there?</p>", {}}};
    begin();

    EXPECT_THAT(transport.message(), HasSubstr("Re: Hi Ana\r\n"));
}

TEST_F(EmailProcessorTest, FollowsTheThreadThatTheLastSubjectBegan) {
    email.thread = {{"<a@corp.test>", "Hi Ana"}, {"<b@corp.test>", "Re: Hi Ana"}, {"<c@corp.test>", "Another matter"}};
    queue.texts = {{email.step_version, "", "<p>Still there?</p>", {}}};
    begin();

    EXPECT_THAT(transport.message(), HasSubstr("Re: Another matter\r\nto <c@corp.test>\r\n<p>"));
}

TEST_F(EmailProcessorTest, RendersTheThreadsSubjectAgainWhereTheOutcomeWasLost) {
    email.thread = {{"<a@corp.test>", "Hi {{first_name}}", true}};
    queue.texts = {{email.step_version, "", "<p>Still there?</p>", {}}};
    begin();

    EXPECT_THAT(transport.message(), HasSubstr("Re: Hi Ana\r\n"));
}

TEST_F(EmailProcessorTest, WaitsWithThePermitWhileTheDatabaseIsAway) {
    begin();
    transport.ready();
    queue.unavailable = {"flush", 1};
    EXPECT_THROW(writer.run_once(), domain::StoreUnavailable);
    EXPECT_TRUE(transport.proceeded.empty());

    writer.run_once();

    EXPECT_TRUE(queue.flush_calls.back().repeated) << "whether the first one was committed is not known";
    EXPECT_EQ(transport.proceeded.size(), 1U);
}

TEST_F(EmailProcessorTest, HalvesAFlushUntilTheBadRowStandsAlone) {
    for (int i = 0; i < 5; ++i) {
        domain::Outcome outcome;
        outcome.id = EmailId::make(clock.now());
        if (i == 3) queue.refused.insert(outcome.id);
        writer.record(std::move(outcome));
    }

    writer.run_once();

    std::size_t alone = 0, good = 0;
    for (const auto& flush : queue.flush_calls) {
        const bool bad =
            std::ranges::any_of(flush.outcomes, [&](const auto& o) { return queue.refused.contains(o.id); });
        if (!bad) good += flush.outcomes.size();
        if (bad && flush.outcomes.size() == 1) ++alone;
    }
    EXPECT_EQ(good, 4U);
    EXPECT_EQ(alone, 1U);
    EXPECT_TRUE(writer.idle());
}

TEST_F(EmailProcessorTest, AsksAgainAsARepeatedFlushWhenTheDatabaseGoesAwayWhileHalving) {
    domain::Outcome bad;
    bad.id = EmailId::make(clock.now());
    queue.refused.insert(bad.id);
    writer.record(std::move(bad));
    writer.ask({EmailId::make(clock.now()), 1});
    queue.unavailable = {"flush", 1};
    queue.answered_before_unavailable = 1;
    clock.advance(WriterConfig{}.outcomes_wait);
    EXPECT_THROW(writer.run_once(), domain::StoreUnavailable);
    const auto before = queue.flush_calls.size();

    writer.run_once();

    EXPECT_TRUE(queue.flush_calls.at(before).repeated) << "a half may have been committed: its permit is still ours";
}

TEST_F(EmailProcessorTest, IgnoresTheEndOfASessionItDoesNotKnow) {
    sessions.done({EmailId::make(clock.now()), 1}, domain::Accepted{{250, "", ""}}, {.dot = true, .sha256 = {}});

    EXPECT_TRUE(writer.idle());
}

}  // namespace
}  // namespace sequitur::workers
