#include "workers/event_recorder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_bus.hpp"
#include "support/fake_event_log.hpp"
#include "support/manual_clock.hpp"

namespace sequitur::workers {
namespace {

using testing::ElementsAre;

struct EventRecorderTest : testing::Test {
    domain::EmailEvent event(std::string type, bool recorded) const {
        return {EventId::make(clock.now()), std::move(type), EmailId::make(clock.now()), clock.now(), recorded, "{}"};
    }
    void feed(std::vector<domain::EmailEvent> events) {
        bus.feed(domain::topics::email_events,
                 encode(domain::EmailEvents{Uuid::v7(clock.now()), clock.now(), std::move(events)}));
    }

    test::Trace trace;
    test::FakeBus bus{trace};
    test::FakeEventLog log{trace};
    test::ManualClock clock;
    metrics::Registry registry;
    EventRecorder recorder{bus, log, {clock, registry}};
};

TEST_F(EventRecorderTest, RecordsWhatCameFromElsewhere) {
    feed({event("opened", false), event("sent", true), event("clicked", false)});

    recorder.run_once(clock.now());

    EXPECT_THAT(log.types, ElementsAre("opened", "clicked"));
    EXPECT_EQ(log.inbox.size(), 1U);
    EXPECT_THAT(trace, ElementsAre("record", "commit email-events 0:1"));
}

TEST_F(EventRecorderTest, RecordsThatAreWrittenAlreadyCostNoTransaction) {
    feed({event("sent", true)});
    feed({event("deferred", true), event("failed", true)});

    const auto done = recorder.run_once(clock.now());

    EXPECT_EQ(done.items, 3U);
    EXPECT_THAT(trace, ElementsAre("commit email-events 0:2"));
}

TEST_F(EventRecorderTest, AnEventThatTheDatabaseRefusesIsSetAside) {
    log.refused_type = "invented";
    feed({event("opened", false)});
    feed({event("invented", false)});
    feed({event("clicked", false)});

    const auto done = recorder.run_once(clock.now());

    EXPECT_EQ(done.dead_letters, 1U);
    EXPECT_THAT(log.types, ElementsAre("opened", "clicked"));
    EXPECT_EQ(bus.published.at(0).topic, "email-events.dlq");
}

TEST_F(EventRecorderTest, OneDeadLetterNamesTheUnknownEmailsOfARecord) {
    const auto known = event("opened", false);
    const auto stray = event("clicked", false);
    log.missing = {stray.email_queue_id};
    feed({known, stray});

    const auto done = recorder.run_once(clock.now());

    EXPECT_EQ(done.dead_letters, 1U);
    EXPECT_EQ(bus.published.at(0).topic, "email-events.dlq");
    EXPECT_THAT(bus.published.at(0).payload, testing::HasSubstr("no such email: " + stray.email_queue_id.text()));
}

}  // namespace
}  // namespace sequitur::workers
