#include "workers/retry_consumer.hpp"

#include "base/fault.hpp"

namespace sequitur::workers {

namespace {

std::vector<EmailId> emails_of(const domain::EmailRetries& failures) {
    std::vector<EmailId> ids;
    for (const auto& retry : failures.retries) ids.push_back(retry.email_queue_id);
    return ids;
}

}  // namespace

RetryConsumer::RetryConsumer(domain::MessageBus& bus, domain::EmailQueue& queue, Doorbell& producer_bell,
                             Surroundings surroundings)
    : Worker("retry", surroundings),
      queue_(queue),
      producer_bell_(producer_bell),
      retries_(
          surroundings.metrics.counter("sequitur_retries_total", "Failed emails and what came of them.", {"result"})),
      consumer_(bus,
                {.group = domain::groups::retry,
                 .topic = domain::topics::email_retries,
                 .decode = domain::decode_email_retries,
                 .emails = emails_of,
                 .handle = [this](std::span<const Failure> batch) { return apply(batch); }},
                surroundings) {}

Duration RetryConsumer::step(const std::stop_token& stop) {
    run_once(clock().now(), stop);
    return Duration::zero();
}

std::vector<EmailId> RetryConsumer::apply(std::span<const Failure> batch) {
    std::vector<domain::EmailRetry> retries;
    for (const auto& failure : batch)
        retries.insert(retries.end(), failure.message.retries.begin(), failure.message.retries.end());

    fault::point("retry.before_commit");
    auto done = queue_.apply_retries(retries, inbox_entries(batch));
    fault::point("retry.after_commit");

    // The next try may be nearer than the time for which the producer sleeps.
    if (done.scheduled > 0) producer_bell_.ring();
    retries_.with({"scheduled"}).add(done.scheduled);
    retries_.with({"permanent"}).add(done.permanent);
    retries_.with({"stopped"}).add(done.stopped);
    retries_.with({"ignored"}).add(done.ignored);
    return std::move(done.missing);
}

}  // namespace sequitur::workers
