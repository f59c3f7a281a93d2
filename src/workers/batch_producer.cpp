#include "workers/batch_producer.hpp"

#include <algorithm>
#include <utility>

#include "base/fault.hpp"
#include "base/log.hpp"
#include "workers/check.hpp"

namespace sequitur::workers {

void ProducerConfig::check() const {
    require_above_zero("producer.interval", interval);
    require_above_zero("producer.ahead", limits.ahead);
    require_above_zero("producer.emails_max", limits.emails_max);
    require_above_zero("producer.mailboxes_max", limits.mailboxes_max);
    require_above_zero("janitor.queued_after", limits.check_after);
}

BatchProducer::BatchProducer(domain::EmailQueue& queue, Doorbell& bell, Doorbell& relay_bell, ProducerConfig config,
                             Surroundings surroundings)
    : Worker("producer", surroundings, bell),
      queue_(queue),
      relay_bell_(relay_bell),
      config_(config),
      runs_(surroundings.metrics.counter("sequitur_producer_runs_total", "Runs of the producer.", {"result"})),
      run_seconds_(
          surroundings.metrics.histogram("sequitur_producer_run_duration_seconds", "Length of a run.").series()),
      last_success_(
          surroundings.metrics
              .gauge("sequitur_producer_last_success_timestamp_seconds", "End of the last run that succeeded.")
              .series()),
      emails_(surroundings.metrics.counter("sequitur_producer_emails_total", "Emails that were queued.").series()) {
    config_.check();
}

Duration BatchProducer::step(const std::stop_token& stop) {
    const auto early = std::chrono::duration_cast<Duration>(not_before_ - clock().steady_now());
    if (early > Duration::zero()) Doorbell{}.wait(early, stop);
    const auto ran = run_once(clock().now(), stop);
    if (ran.emails > 0) {
        not_before_ = clock().steady_now() + config_.pace;
        look_again_ = look_again_first;
    }
    return ran.rest;
}

BatchProducer::Ran BatchProducer::run_once(TimePoint now, const std::stop_token& stop) {
    const auto began = clock().steady_now();
    Ran ran;
    while (!stop.stop_requested()) {
        fault::point("produce.before_select");
        const auto produced = produce();
        if (produced.emails == 0) break;
        fault::point("produce.after_commit");
        relay_bell_.ring();
        emails_.add(produced.emails);
        ran.emails += produced.emails;
        ran.records += produced.records;
        if (produced.emails < config_.limits.emails_max) break;
    }
    ran.rest = ran.emails > 0 ? config_.pace : rest_after_nothing();

    if (ran.emails > 0) log::debug("emails queued", {{"emails", ran.emails}, {"records", ran.records}});
    runs_.with({ran.emails > 0 ? "produced" : "nothing_due"}).add();
    run_seconds_.observe(std::chrono::duration<double>(clock().steady_now() - began).count());
    last_success_.set(std::chrono::duration<double>(now.time_since_epoch()).count());
    return ran;
}

domain::Produced BatchProducer::produce() {
    const auto now = clock().steady_now();
    auto limits = config_.limits;
    limits.opens_days = !has_found_ || now >= days_opened_ + open_days_every;
    if (limits.opens_days) days_opened_ = now;
    const auto produced = queue_.produce(limits);
    has_found_ = produced.emails > 0;
    return produced;
}

Duration BatchProducer::rest_after_nothing() {
    const auto wait = queue_.next_due(config_.limits).value_or(config_.interval);
    const bool is_due_but_taken = wait <= look_again_first;
    if (!is_due_but_taken) {
        look_again_ = look_again_first;
        return std::min(wait, config_.interval);
    }
    return std::min(std::exchange(look_again_, std::min(2 * look_again_, look_again_max)), config_.interval);
}

}  // namespace sequitur::workers
