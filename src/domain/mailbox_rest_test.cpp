#include "domain/mailbox_rest.hpp"

#include <gtest/gtest.h>

namespace sequitur::domain {
namespace {

using namespace std::chrono_literals;
using Act = MailboxAct;

const MailboxId box{Uuid::parse("01a20c7a-ee37-7fbb-a019-650bbf426242").value()};

MailboxRest rest(Act act, int failures = 1) { return rest_after(act, box, failures, {}).value(); }

double minutes(Act act, int failures) { return static_cast<double>(rest(act, failures).rest / 1s) / 60; }

TEST(MailboxRest, DoublesFromAMinuteToAnHour) {
    double expected = 1;
    for (int failures = 1; failures < 12; ++failures) {
        EXPECT_NEAR(minutes(Act::back_off, failures), expected, expected / 5 + 0.02) << failures;
        expected = std::min(2 * expected, 60.0);
    }
    EXPECT_FALSE(rest(Act::back_off).is_of_host);
}

TEST(MailboxRest, IsOfTheServerWhereTheServerFailed) {
    EXPECT_TRUE(rest(Act::host_back_off).is_of_host);
    EXPECT_EQ(rest(Act::host_back_off, 3).rest, rest(Act::back_off, 3).rest);
    EXPECT_FALSE(rest(Act::host_back_off, 100).needs_a_person);
}

TEST(MailboxRest, WaitsForAPersonAfterTheThirdRefusedGreeting) {
    EXPECT_FALSE(rest(Act::host_thrice, 2).needs_a_person);
    EXPECT_TRUE(rest(Act::host_thrice, 3).needs_a_person);
}

TEST(MailboxRest, IsAnHourForAQuotaHoweverOften) {
    for (const auto failures : {1, 2, 9}) EXPECT_NEAR(minutes(Act::hold, failures), 60, 12.02);
    EXPECT_FALSE(rest(Act::hold, 50).needs_a_person);
}

TEST(MailboxRest, ProbesALoginAfterAnHour) {
    EXPECT_TRUE(rest(Act::pause_login).needs_a_person);
    EXPECT_EQ(rest(Act::pause_login).probe_after, 1h);
    EXPECT_EQ(rest(Act::needs_a_person).probe_after, std::nullopt);
}

TEST(MailboxRest, IsNoneForWhatIsNotTheMailboxsFault) {
    EXPECT_EQ(rest_after(Act::none, box, 1, {}), std::nullopt);
    EXPECT_EQ(rest_after(Act::count_refusal, box, 1, {}), std::nullopt);
}

TEST(HostRests, OnlyOnceSeveralMailboxesHaveMetIt) {
    EXPECT_EQ(host_rests_from(1), 1);
    EXPECT_EQ(host_rests_from(2), 2);
    EXPECT_EQ(host_rests_from(50), 3);
    EXPECT_EQ(host_rests_from(10'000), 500);
}

}  // namespace
}  // namespace sequitur::domain
