#include "store/event_store.hpp"

#include <algorithm>

#include "pg/pipeline.hpp"
#include "store/inbox.hpp"
#include "store/sql.hpp"
#include "store/translate.hpp"

namespace sequitur::store {

namespace {

std::vector<EmailId> emails_of(std::span<const domain::EmailEvent> events) {
    std::vector<EmailId> emails;
    for (const auto& event : events)
        if (!event.recorded) emails.push_back(event.email_queue_id);
    return emails;
}

pg::Params events_params(std::span<const domain::EmailEvent> events) {
    std::vector<EventId> ids;
    std::vector<std::string> types;
    std::vector<TimePoint> times;
    std::vector<std::string> data;
    for (const auto& event : events) {
        if (event.recorded) continue;
        ids.push_back(event.id);
        types.push_back(event.type);
        times.push_back(event.at);
        data.push_back(event.data.empty() ? "{}" : event.data);
    }
    return pg::Params{ids, emails_of(events), types, times, data};
}

struct Clicks {
    std::vector<EmailId> emails;
    TimePoint first = TimePoint::max();
    TimePoint last = TimePoint::min();
};

Clicks clicks_of(std::span<const domain::EmailEvent> events) {
    Clicks clicks;
    for (const auto& event : events) {
        if (event.recorded || event.type != "clicked") continue;
        clicks.emails.push_back(event.email_queue_id);
        clicks.first = std::min(clicks.first, event.at);
        clicks.last = std::max(clicks.last, event.at);
    }
    return clicks;
}

}  // namespace

domain::EventsRecorded EventStore::record(std::span<const domain::EmailEvent> events, std::string_view group,
                                          const std::vector<domain::InboxEntry>& inbox) {
    const auto clicks = clicks_of(events);
    return as_transaction([&] {
        const auto connection = pool_.lease();
        pg::Pipeline pipeline{*connection};
        pipeline.add(sql::record_events, events_params(events));
        pipeline.add(sql::missing_emails, pg::Params{emails_of(events)});
        pipeline.add(sql::inbox_add, inbox_params(group, inbox));
        if (!clicks.emails.empty())
            pipeline.add(sql::label_machines, pg::Params{clicks.emails, clicks.first, clicks.last});
        const auto results = pipeline.run();
        return domain::EventsRecorded{static_cast<int>(results[0].affected()), results[1].column<EmailId>(0)};
    });
}

}  // namespace sequitur::store
