#include "domain/settlement.hpp"

#include <gtest/gtest.h>

#include "domain/letter.hpp"

namespace sequitur::domain {
namespace {

using namespace std::chrono_literals;

const EmailId email{Uuid::parse("01a20c7a-ee37-7fbb-a019-650bbf426242").value()};
const RetryPolicy policy{.first_delay = 1h, .delay_max = 12h, .jitter = 0};

Settlement of(Blame blame, int retry_count = 0) {
    return settle({.blame = blame, .mailbox = {}, .reason = "why", .detail = ""}, email, retry_count, 3, policy);
}

TEST(Settlement, CountsOnlyWhatTheRecipientRefused) {
    EXPECT_EQ(of(Blame::mailbox).status, EmailStatus::scheduled);
    EXPECT_EQ(of(Blame::abandoned).status, EmailStatus::scheduled);
    EXPECT_EQ(of(Blame::recipient_temporary).status, EmailStatus::failed);
}

TEST(Settlement, Case42WaitsAnHourThenTwoThenGivesUp) {
    EXPECT_EQ(of(Blame::recipient_temporary, 0).next_try_in, 1h);
    EXPECT_EQ(of(Blame::recipient_temporary, 1).next_try_in, 2h);
    EXPECT_EQ(of(Blame::recipient_temporary, 2).next_try_in, std::nullopt);
    EXPECT_EQ(of(Blame::recipient_temporary, 2).event_type, "failed");
}

TEST(Settlement, MarksTheContactOnlyForAHardBounce) {
    EXPECT_EQ(of(Blame::recipient_hard).reason, "bounced");
    EXPECT_EQ(of(Blame::blocked).reason, "blocked");
    EXPECT_EQ(of(Blame::content).reason, "content");
    EXPECT_EQ(of(Blame::blocked).status, EmailStatus::permanent_failure);
}

TEST(Settlement, NeverGuessesWhatBecameOfALostAnswer) { EXPECT_EQ(of(Blame::unknown).status, EmailStatus::unknown); }

TEST(RetryDelay, IsCappedAndJitteredTheSameWayEachTime) {
    const RetryPolicy jittered{};
    for (int count = 1; count < 20; ++count) {
        const auto delay = *retry_delay(email, count, 100, jittered);
        EXPECT_LE(delay, 12h * 1.2);
        EXPECT_GE(delay, 48min);
        EXPECT_EQ(delay, *retry_delay(email, count, 100, jittered));
    }
    EXPECT_NE(*retry_delay(email, 1, 9, jittered), 1h);
}

TEST(MailboxBackOff, DoublesToAnHour) {
    const MailboxId mailbox{email.uuid};
    EXPECT_NEAR(static_cast<double>(mailbox_back_off(mailbox, 1, 1min, 60min) / 1s), 60, 12);
    EXPECT_NEAR(static_cast<double>(mailbox_back_off(mailbox, 3, 1min, 60min) / 1s), 240, 48);
    EXPECT_LE(mailbox_back_off(mailbox, 30, 1min, 60min), 72min);
}

TEST(Letter, AnswersTheSubjectThatWasSentAndNeverTwice) {
    EXPECT_EQ(answer_subject("Hi"), "Re: Hi");
    EXPECT_EQ(answer_subject("RE: Hi"), "RE: Hi");
}

}  // namespace
}  // namespace sequitur::domain
