#include "workers/followup_scheduler.hpp"

#include "base/fault.hpp"
#include "workers/check.hpp"

namespace sequitur::workers {

namespace {

std::vector<EmailId> emails_of(const domain::FollowupEvents& event) {
    std::vector<EmailId> ids;
    for (const auto& step : event.completed) ids.push_back(step.email_queue_id);
    return ids;
}

}  // namespace

void FollowupConfig::check() const { require_above_zero("schedule.day", day); }

FollowupScheduler::FollowupScheduler(domain::MessageBus& bus, domain::EmailQueue& queue, Doorbell& producer_bell,
                                     FollowupConfig config, Surroundings surroundings)
    : Worker("followup", surroundings),
      queue_(queue),
      producer_bell_(producer_bell),
      config_(config),
      followups_(surroundings.metrics.counter("sequitur_followups_total", "Completed steps and what came of them.",
                                              {"result"})),
      consumer_(bus,
                {.group = domain::groups::followup,
                 .topic = domain::topics::followup_events,
                 .decode = domain::decode_followup_events,
                 .emails = emails_of,
                 .handle = [this](std::span<const Event> batch) { return schedule(batch); }},
                surroundings) {
    config_.check();
}

Duration FollowupScheduler::step(const std::stop_token& stop) {
    run_once(clock().now(), stop);
    return Duration::zero();
}

std::vector<EmailId> FollowupScheduler::schedule(std::span<const Event> batch) {
    std::vector<domain::StepCompleted> completed;
    for (const auto& event : batch)
        completed.insert(completed.end(), event.message.completed.begin(), event.message.completed.end());

    fault::point("followup.before_commit");
    auto done = queue_.schedule_followups(completed, inbox_entries(batch), config_.day);
    fault::point("followup.after_commit");

    if (done.scheduled > 0) producer_bell_.ring();
    followups_.with({"scheduled"}).add(done.scheduled);
    followups_.with({"held"}).add(done.held);
    followups_.with({"completed"}).add(done.completed);
    followups_.with({"ignored"}).add(done.ignored);
    return std::move(done.missing);
}

}  // namespace sequitur::workers
