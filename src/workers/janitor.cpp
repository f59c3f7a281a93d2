#include "workers/janitor.hpp"

#include "base/log.hpp"
#include "workers/check.hpp"

namespace sequitur::workers {

namespace {
constexpr int stranded_pages_max = 20;  // a round
}  // namespace

void JanitorConfig::check() const {
    require_above_zero("janitor.interval", interval);
    require_above_zero("janitor.queued_after", queued_after);
    require_above_zero("janitor.failed_after", failed_after);
    require_above_zero("janitor.stranded_after", stranded_after);
    require_above_zero("sender.unknown_after", unknown_after);
    require_above_zero("janitor.keep", keep);
    require_above_zero("schedule.day", day);
    require_above_zero("janitor.partition_days_ahead", partition_days_ahead);
    require_above_zero("janitor.batches_max", batches_max);
    require_above_zero("janitor.suppressions_max", suppressions_max);
    require_above_zero("janitor.unfinished_after", unfinished_after);
    require_above_zero("janitor.emails_max", emails_max);
    require_above_zero("janitor.enrollments_max", enrollments_max);
}

Janitor::Janitor(domain::EmailQueue& queue, domain::MessageBus& bus, Doorbell& producer_bell, JanitorConfig config,
                 Surroundings surroundings)
    : Worker("janitor", surroundings),
      queue_(queue),
      bus_(bus),
      producer_bell_(producer_bell),
      config_(config),
      swept_(surroundings.metrics.counter("sequitur_swept_total", "Emails and people that a sweeper moved on.",
                                          {"sweep"})) {
    config_.check();
}

// Claims that expired come first: people wait for that mail.
const std::array<Janitor::Sweep, 9> Janitor::sweeps{
    &Janitor::sweep_batches, &Janitor::finish_stops,    &Janitor::sweep_failed,
    &Janitor::assume_sent,   &Janitor::release_held,    &Janitor::follow_up_stranded,
    &Janitor::probe_logins,  &Janitor::tidy_partitions, &Janitor::tidy_bus,
};

Janitor::Found Janitor::run_once(TimePoint now, const std::stop_token& stop) {
    Found found;
    for (std::size_t i = 0; i < sweeps.size() && !stop.stop_requested(); ++i) {
        const auto sweep = sweeps[next_sweep_];
        next_sweep_ = (next_sweep_ + 1) % sweeps.size();  // before the call: the next try starts behind one that throws
        (this->*sweep)(found, now);
    }
    return found;
}

Duration Janitor::step(const std::stop_token& stop) {
    run_once(clock().now(), stop);
    return config_.interval;
}

void Janitor::sweep_batches(Found& found, TimePoint) {
    found.batches = queue_.sweep_batches(config_.queued_after, config_.batches_max);
    count("rescheduled", found.batches.rescheduled);
    count("unknown", found.batches.unknown);
    count("stopped", found.batches.stopped);
    ring_if(found.batches.rescheduled);
}

void Janitor::sweep_failed(Found& found, TimePoint) {
    found.failed = queue_.sweep_failed(config_.failed_after, config_.emails_max);
    count("failed", found.failed.scheduled + found.failed.permanent + found.failed.stopped);
    ring_if(found.failed.scheduled);
}

void Janitor::assume_sent(Found& found, TimePoint) {
    found.assumed_sent = queue_.assume_sent(config_.unknown_after, config_.emails_max);
    count("assumed_sent", found.assumed_sent);
}

void Janitor::finish_stops(Found& found, TimePoint) {
    found.stops_finished = queue_.finish_stops(config_.unfinished_after, config_.suppressions_max);
    count("stops_finished", found.stops_finished);
}

void Janitor::release_held(Found& found, TimePoint) {
    found.released = queue_.release_held(config_.emails_max);
    count("released", found.released);
    ring_if(found.released);
}

void Janitor::follow_up_stranded(Found& found, TimePoint) {
    // Where one was left behind, a whole topic may have been lost: the walk goes on while it finds somebody.
    for (int pages = 0; pages < stranded_pages_max; ++pages) {
        const auto stranded = queue_.stranded(config_.stranded_after, config_.enrollments_max);
        if (stranded.empty()) return;
        const auto moved = queue_.schedule_followups(stranded, {}, config_.day);
        found.stranded.scheduled += moved.scheduled;
        found.stranded.held += moved.held;
        found.stranded.completed += moved.completed;
        count("stranded", moved.scheduled + moved.held + moved.completed);
        ring_if(moved.scheduled);
    }
}

void Janitor::probe_logins(Found& found, TimePoint) {
    found.probed = queue_.probe_logins();
    count("login_probes", found.probed);
    ring_if(found.probed);
}

void Janitor::tidy_partitions(Found&, TimePoint now) {
    if (now < next_partitions_tidy_) return;
    queue_.tidy_partitions(config_.partition_days_ahead, config_.keep);
    next_partitions_tidy_ = now + partitions_tidy_every;
}

void Janitor::tidy_bus(Found&, TimePoint now) {
    if (now < next_bus_tidy_) return;
    bus_.tidy();
    next_bus_tidy_ = now + bus_tidy_every;
}

void Janitor::count(const char* sweep, int rows) {
    swept_.with({sweep}).add(rows);
    if (rows > 0) log::info("swept", {{"sweep", sweep}, {"rows", rows}});
}

void Janitor::ring_if(int scheduled) {
    if (scheduled > 0) producer_bell_.ring();
}

}  // namespace sequitur::workers
