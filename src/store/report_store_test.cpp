#include "store/report_store.hpp"

#include <gtest/gtest.h>

#include "support/api_world.hpp"

namespace sequitur {
namespace {

using test::ApiWorld;
using namespace std::chrono_literals;

struct ClicksTest : ::testing::Test {
    ClicksTest() {
        world.mailbox();
        sequence = world.sequence();
        world.enrol(sequence, {"a@acme.test", "b@acme.test"});
        emails = world.emails();
    }
    /// Seconds after an hour ago, when the mail was sent.
    domain::EmailEvent click(int second, int link, std::size_t email = 0, std::string kind = "human") {
        const auto at = sent_at + std::chrono::seconds{second};
        return {.id = EventId::make(at),
                .type = "clicked",
                .email_queue_id = emails[email],
                .at = at,
                .recorded = false,
                .data = R"({"kind":")" + kind + R"(","link":)" + std::to_string(link) + R"(,"url":"https://e.test/)" +
                        std::to_string(link) + "\"}"};
    }
    void record(const std::vector<domain::EmailEvent>& events) { world.events.record(events, "recorder", {}); }
    /// "link kind reason", by time.
    std::string labels() {
        return world.rows("SELECT event_data->>'link', event_data->>'kind', COALESCE(event_data->>'reason', '-') "
                          "FROM email_events WHERE event_type = 'clicked' ORDER BY created_at, id");
    }

    ApiWorld world;
    SequenceId sequence;
    std::vector<EmailId> emails;
    const TimePoint sent_at = std::chrono::floor<std::chrono::seconds>(SystemClock{}.now()) - 1h;
};

TEST_F(ClicksTest, Case81ThreeDifferentLinksInTwoSecondsAreAMachines) {
    record({click(100, 0), click(101, 1), click(102, 2), click(200, 0)});
    EXPECT_EQ(labels(), "0 machine many_links,1 machine many_links,2 machine many_links,0 human -");
}

TEST_F(ClicksTest, Case81TwoLinksOrThreeOverMoreThanTenSecondsAreAPersons) {
    record({click(100, 0), click(101, 1), click(102, 0), click(111, 2)});
    EXPECT_EQ(labels(), "0 human -,1 human -,0 human -,2 human -");
}

TEST_F(ClicksTest, Case81TheThirdLinkLabelsTheFirstTwoThatWereRecordedBefore) {
    record({click(100, 0)});
    record({click(104, 1)});
    EXPECT_EQ(labels(), "0 human -,1 human -");
    record({click(109, 2), click(110, 2, 1)});
    EXPECT_EQ(labels(), "0 machine many_links,1 machine many_links,2 machine many_links,2 human -") << "mails apart";
}

TEST_F(ClicksTest, Case81AClickWithinTenSecondsAfterSendingIsAMachines) {
    world.run("ALTER TABLE email_queues DISABLE TRIGGER USER");
    world.run("UPDATE email_queues SET status = 'sent', charged_date = now(), sent_at = to_timestamp(" +
              std::to_string(sent_at.time_since_epoch() / 1s) + ")");
    record({click(9, 0), click(10, 1)});
    EXPECT_EQ(labels(), "0 machine soon_after_sent,1 human -");
}

TEST_F(ClicksTest, WhatWasLabelledByItsRequestKeepsItsReason) {
    record({click(100, 0, 0, "proxy"), click(101, 1), click(102, 2)});
    EXPECT_EQ(labels(), "0 proxy -,1 machine many_links,2 machine many_links");
}

TEST_F(ClicksTest, AreCountedByLinkAndTargetMachinesApart) {
    record({click(100, 0), click(150, 0), click(200, 0, 1), click(300, 1, 1, "machine")});
    const auto links = store::ReportStore{world.pool}.links(sequence, 100).value();
    ASSERT_EQ(links.size(), 2u);
    EXPECT_EQ(links[0].link, 0);
    EXPECT_EQ(links[0].url, "https://e.test/0");
    EXPECT_EQ(links[0].human, 3);
    EXPECT_EQ(links[0].people, 2);
    EXPECT_EQ(links[1].machine, 1);
    EXPECT_EQ(links[1].human, 0);
    EXPECT_FALSE(store::ReportStore{world.pool}.links(SequenceId::make(sent_at), 100));
}

}  // namespace
}  // namespace sequitur
