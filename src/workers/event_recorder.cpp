#include "workers/event_recorder.hpp"

#include <utility>

namespace sequitur::workers {

namespace {

std::vector<EmailId> emails_of(const domain::EmailEvents& told) {
    std::vector<EmailId> ids;
    for (const auto& event : told.events) ids.push_back(event.email_queue_id);
    return ids;
}

}  // namespace

EventRecorder::EventRecorder(domain::MessageBus& bus, domain::EventLog& log, Surroundings surroundings)
    : Worker("recorder", surroundings),
      log_(log),
      recorded_(surroundings.metrics.counter("sequitur_events_recorded_total", "Events from elsewhere that were new.")
                    .series()),
      consumer_(bus,
                {.group = domain::groups::recorder,
                 .topic = domain::topics::email_events,
                 .decode = domain::decode_email_events,
                 .emails = emails_of,
                 .handle = [this](std::span<const Told> batch) { return record(batch); }},
                surroundings) {}

Duration EventRecorder::step(const std::stop_token& stop) {
    run_once(clock().now(), stop);
    return Duration::zero();
}

std::vector<EmailId> EventRecorder::record(std::span<const Told> batch) {
    std::vector<domain::EmailEvent> events;
    std::vector<domain::InboxEntry> inbox;
    for (const auto& told : batch) {
        const auto before = events.size();
        std::ranges::copy_if(told.message.events, std::back_inserter(events),
                             [](const auto& event) { return !event.recorded; });
        if (events.size() > before) inbox.push_back(inbox_entry(told));
    }
    if (events.empty()) return {};
    auto done = log_.record(events, domain::groups::recorder, inbox);
    recorded_.add(done.added);
    return std::move(done.missing);
}

}  // namespace sequitur::workers
