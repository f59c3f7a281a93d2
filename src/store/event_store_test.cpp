#include "store/event_store.hpp"

#include <gtest/gtest.h>

#include "store/translate.hpp"
#include "support/api_world.hpp"

namespace sequitur {
namespace {

using test::ApiWorld;

domain::EmailEvent event(TimePoint now, const EmailId& email, const std::string& type, bool recorded = false) {
    return {EventId::make(now), type, email, now, recorded, "{\"ip\": \"::1\"}"};
}

EmailId an_email(ApiWorld& world) {
    world.mailbox();
    world.enrol(world.sequence(), {"p@acme.test"});
    return world.emails().at(0);
}

TEST(Events, AreRecordedOncePerIdWhateverIsRepeated) {
    ApiWorld world;
    const auto now = world.clock.now();
    const auto email = an_email(world);
    const std::vector events{event(now, email, "opened"), event(now, email, "clicked"),
                             event(now, email, "sent", true)};
    const std::vector<domain::InboxEntry> inbox{{Uuid::v7(now), "email-events", 3, 41, 3}};

    EXPECT_EQ(world.events.record(events, "recorder", inbox).added, 2);
    EXPECT_EQ(world.events.record(events, "recorder", inbox).added, 0);

    EXPECT_EQ(world.rows("SELECT event_type, event_data->>'ip' FROM email_events ORDER BY event_type"),
              "opened ::1,clicked ::1");
    EXPECT_EQ(world.rows("SELECT consumer_group, topic, partition, kafka_offset, email_count FROM kafka_batches"),
              "recorder email-events 3 41 3");
}

TEST(Events, OfUnknownEmailsAreNamedAndTheOthersGoIn) {
    ApiWorld world;
    const auto now = world.clock.now();
    const auto stray = EmailId::make(now);
    const std::vector events{event(now, stray, "opened"), event(now, an_email(world), "clicked"),
                             event(now, EmailId::make(now), "sent", true)};

    const auto done = world.events.record(events, "recorder", {});

    EXPECT_EQ(done.added, 1);
    EXPECT_EQ(done.missing, std::vector{stray});
    EXPECT_EQ(world.rows("SELECT event_type FROM email_events"), "clicked");
}

TEST(Events, GoInWithTheirInboxOrNotAtAll) {
    ApiWorld world;
    const auto now = world.clock.now();
    const auto email = an_email(world);
    const std::vector events{event(now, email, "opened"), event(now, email, "nonsense")};

    EXPECT_THROW(world.events.record(events, "recorder", {{Uuid::v7(now), "email-events", 3, 41, 2}}),
                 domain::StoreRefused);

    EXPECT_EQ(world.rows("SELECT (SELECT count(*) FROM email_events), (SELECT count(*) FROM kafka_batches)"), "0 0");
}

TEST(Translated, TellsWhatPassesFromWhatIsRefused) {
    const auto thrown = [](const std::string& sqlstate, bool lost) {
        pg::Error error{"x"};
        error.sqlstate = sqlstate;
        error.connection_lost = lost;
        store::translated([&]() -> int { throw error; });
    };
    EXPECT_THROW(thrown("", true), domain::StoreUnavailable);
    EXPECT_THROW(thrown("57P01", false), domain::StoreUnavailable);
    EXPECT_THROW(thrown("53100", false), domain::StoreUnavailable) << "the disk is full";
    EXPECT_THROW(thrown("40P01", false), domain::StoreUnavailable);
    EXPECT_THROW(thrown("23505", false), domain::StoreRefused);
    EXPECT_THROW(thrown("42703", false), domain::StoreRefused);
}

}  // namespace
}  // namespace sequitur
