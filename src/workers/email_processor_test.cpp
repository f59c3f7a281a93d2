// What is claimed, when its offset is committed, and what is set aside.
#include "workers/sender_for_tests.hpp"

namespace sequitur::workers {
namespace {

using namespace std::chrono_literals;
using domain::EmailStatus;
using testing::ElementsAre;
using testing::HasSubstr;

using EmailProcessorTest = SenderTest;

TEST_F(EmailProcessorTest, ClaimsThenCommitsTheOffsetThenSends) {
    begin();

    EXPECT_THAT(trace, ElementsAre("claim", "commit email-jobs 0:1", "step_texts", "start"));
    EXPECT_EQ(transport.message(), "Hi Ana\r\n<p>you</p>\r\n");
    EXPECT_EQ(transport.started.at(0).to, "ana@acme.test");
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

}  // namespace
}  // namespace sequitur::workers
