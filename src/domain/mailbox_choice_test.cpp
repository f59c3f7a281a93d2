#include "domain/mailbox_choice.hpp"

#include <gtest/gtest.h>

#include <map>

namespace sequitur::domain {
namespace {

MailboxId mailbox(std::uint8_t number) {
    MailboxId id;
    id.uuid.bytes[15] = number;
    return id;
}

std::map<MailboxId, int> counted(const std::vector<MailboxId>& chosen) {
    std::map<MailboxId, int> counts;
    for (const auto& id : chosen) ++counts[id];
    return counts;
}

TEST(MailboxChoice, SharesInProportionToCapacity) {
    const auto counts = counted(choose_mailboxes({{mailbox(1), 0, 10}, {mailbox(2), 0, 30}}, 40));
    EXPECT_EQ(counts.at(mailbox(1)), 10);
    EXPECT_EQ(counts.at(mailbox(2)), 30);
}

TEST(MailboxChoice, LevelsABacklogFirst) {
    const auto counts = counted(choose_mailboxes({{mailbox(1), 20, 30}, {mailbox(2), 0, 30}}, 40));
    EXPECT_EQ(counts.at(mailbox(1)), 10);
    EXPECT_EQ(counts.at(mailbox(2)), 30);
}

TEST(MailboxChoice, TakesTheFirstOfEquals) {
    EXPECT_EQ(choose_mailboxes({{mailbox(2), 0, 5}, {mailbox(1), 0, 5}}, 3),
              (std::vector{mailbox(2), mailbox(1), mailbox(2)}));
}

TEST(MailboxChoice, AvoidsAMailboxWithoutCapacityWhileAnotherHasSome) {
    EXPECT_EQ(choose_mailboxes({{mailbox(1), 0, 0}, {mailbox(2), 900, 1}}, 2), (std::vector{mailbox(2), mailbox(2)}));
    EXPECT_EQ(choose_mailboxes({{mailbox(1), 5, 0}, {mailbox(2), 4, 0}}, 1), std::vector{mailbox(2)});
}

TEST(MailboxChoice, IsEmptyWithoutMailboxes) { EXPECT_TRUE(choose_mailboxes({}, 3).empty()); }

TEST(MailboxChoice, GivesEveryoneAMailbox) {
    EXPECT_EQ(choose_mailboxes({{mailbox(1), 0, 3}}, 10'000).size(), 10'000U);
}

}  // namespace
}  // namespace sequitur::domain
