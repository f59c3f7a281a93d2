// From the start of a delivery to the row of its outcome.
#include "workers/sender_for_tests.hpp"

namespace sequitur::workers {
namespace {

using namespace std::chrono_literals;
using domain::EmailStatus;
using testing::ElementsAre;
using testing::HasSubstr;

using SessionsTest = SenderTest;

TEST_F(SessionsTest, GivesTheTimeBeforeTheDotEightTwentiethsOfTheLeaseFromTheQuestion) {
    begin();

    EXPECT_EQ(transport.started.at(0).dot_before, clock.steady_now() + 8min);
    EXPECT_EQ(transport.started.at(0).dot_timeout, 600s);
}

TEST_F(SessionsTest, WritesNoDotBeforeThePermitIsCommitted) {
    begin();
    transport.ready();
    EXPECT_TRUE(transport.proceeded.empty());

    writer.run_once();

    EXPECT_THAT(trace, ElementsAre("claim", "commit email-jobs 0:1", "step_texts", "start", "flush", "dot"));
}

TEST_F(SessionsTest, AbandonsARefusedMailAndWritesNothingForIt) {
    begin();
    transport.ready();
    queue.flushes.push_back({});

    writer.run_once();

    EXPECT_THAT(transport.abandoned, ElementsAre(transport.started[0].key));
    EXPECT_TRUE(writer.idle()) << "its row has moved on in the refusal";
    EXPECT_EQ(sessions.open(), 0U);
}

TEST_F(SessionsTest, RecordsTheAcceptanceWithWhatWasSent) {
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

TEST_F(SessionsTest, RecordsALostAnswerAsUnknown) {
    begin();
    transport.ready();
    writer.run_once();
    transport.end(domain::Broken{domain::SmtpPhase::dot, "connection lost"});

    EXPECT_EQ(written().status, EmailStatus::unknown);
}

TEST_F(SessionsTest, DefersARecipientAndCountsIt) {
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

TEST_F(SessionsTest, CallsTheThirdFailureFinal) {
    email.retry_count = 2;
    begin();
    transport.end(domain::Refused{domain::SmtpPhase::rcpt, {451, "4.2.0", "greylisted"}}, false);

    const auto& row = written();

    EXPECT_EQ(row.status, EmailStatus::failed);
    EXPECT_EQ(row.event_type, "failed");
    EXPECT_FALSE(row.next_try_in);
}

TEST_F(SessionsTest, BlamesTheMailboxAndLeavesTheMailAlone) {
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

TEST_F(SessionsTest, Case22RecordsTheMessageIdThatTheProviderPutIn) {
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

TEST_F(SessionsTest, IgnoresTheEndOfASessionItDoesNotKnow) {
    sessions.done({EmailId::make(clock.now()), 1}, domain::Accepted{{250, "", ""}}, {.dot = true, .sha256 = {}});

    EXPECT_TRUE(writer.idle());
}

}  // namespace
}  // namespace sequitur::workers
