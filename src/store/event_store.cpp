#include "store/event_store.hpp"

#include "pg/pipeline.hpp"
#include "store/inbox.hpp"
#include "store/sql.hpp"
#include "store/translate.hpp"

namespace sequitur::store {

namespace {

pg::Params events_params(std::span<const domain::EmailEvent> events) {
    std::vector<EventId> ids;
    std::vector<EmailId> emails;
    std::vector<std::string> types;
    std::vector<TimePoint> times;
    std::vector<std::string> data;
    for (const auto& event : events) {
        if (event.recorded) continue;
        ids.push_back(event.id);
        emails.push_back(event.email_queue_id);
        types.push_back(event.type);
        times.push_back(event.at);
        data.push_back(event.data.empty() ? "{}" : event.data);
    }
    return pg::Params{ids, emails, types, times, data};
}

}  // namespace

int EventStore::record(std::span<const domain::EmailEvent> events, std::string_view group,
                       const std::vector<domain::InboxEntry>& inbox) {
    return translated([&] {
        const auto connection = pool_.lease();
        pg::Pipeline pipeline{*connection};
        pipeline.add(sql::record_events, events_params(events));
        pipeline.add(sql::inbox_add, inbox_params(group, inbox));
        return static_cast<int>(pipeline.run()[0].affected());
    });
}

}  // namespace sequitur::store
