#include "workers/email_processor.hpp"

#include <algorithm>
#include <unordered_set>

#include "base/fault.hpp"
#include "base/log.hpp"
#include "base/match.hpp"
#include "domain/messages.hpp"
#include "workers/quarantine.hpp"

namespace sequitur::workers {

namespace {

/// The bus wants to be polled every second.
constexpr Duration poll_wait = std::chrono::milliseconds{500};
/// How often a full sender looks whether places became free.
constexpr Duration full_wait = std::chrono::milliseconds{20};

}  // namespace

EmailProcessor::EmailProcessor(domain::MessageBus& bus, domain::EmailQueue& queue, Sessions& sessions, Letters letters,
                               SenderConfig config, Surroundings surroundings)
    : Worker("sender", surroundings),
      bus_(bus),
      queue_(queue),
      sessions_(sessions),
      letters_(std::move(letters)),
      config_(std::move(config)),
      poison_(
          surroundings.metrics.counter("sequitur_dead_letters_total", "Records set aside in `<topic>.dlq`.", {"topic"})
              .with({std::string{domain::topics::email_jobs}})),
      source_(bus, domain::groups::sender, domain::topics::email_jobs) {
    config_.check();
}

Duration EmailProcessor::step(const std::stop_token& stop) {
    run_once(clock().now(), poll_wait, stop);
    return Duration::zero();
}

int EmailProcessor::run_once(TimePoint now, Duration wait, const std::stop_token& stop) {
    begin_claimed();
    const auto open = sessions_.open();
    const auto room = (config_.in_flight_max - std::min(config_.in_flight_max, open)) / domain::batch_emails_max;
    const auto records_max = room < config_.worth_a_claim() ? 0 : std::min(config_.records_max, room);

    RecordSource::Round round{source_};
    // A full sender keeps its membership by polling for nothing.
    const auto records = round.poll(records_max, records_max == 0 ? full_wait : wait, stop);
    if (records.empty()) {
        round.commit();
        return 0;
    }
    const auto jobs = read(records, now);
    asked_at_ = clock().steady_now();
    auto claimed = claim(jobs);
    // From here the leases own the work; the same records coming again would find nothing queued.
    claimed_ = std::move(claimed.emails);
    const auto emails = static_cast<int>(claimed_.size());
    quarantine_missing(records, claimed.missing, now);
    round.commit();
    fault::point("claim.after_offset");
    begin_claimed();
    return emails;
}

EmailProcessor::Jobs EmailProcessor::read(const std::vector<domain::BusRecord>& records, TimePoint now) {
    Jobs jobs;
    for (const auto& record : records) {
        std::visit(match{[&](const domain::EmailJobs& batch) {
                             for (const auto& email : batch.emails) jobs.emails.push_back(email.email_queue_id);
                             jobs.inbox.push_back({batch.batch_id.uuid, record.topic, record.partition, record.offset,
                                                   static_cast<int>(batch.emails.size())});
                         },
                         [&](const domain::Poison& poison) {
                             quarantine(bus_, record, domain::groups::sender, poison.reason, now);
                             poison_.add();
                         }},
                   domain::decode_email_jobs(record.payload, now));
    }
    return jobs;
}

domain::Claimed EmailProcessor::claim(const Jobs& jobs) {
    if (jobs.emails.empty()) return {};
    return queue_.claim({jobs.emails, jobs.inbox, std::string{domain::groups::sender}, config_.lease});
}

void EmailProcessor::quarantine_missing(const std::vector<domain::BusRecord>& records,
                                        const std::vector<EmailId>& missing, TimePoint now) {
    if (missing.empty()) return;
    const std::unordered_set<EmailId> unknown{missing.begin(), missing.end()};
    for (const auto& record : records) {
        const auto decoded = domain::decode_email_jobs(record.payload, now);
        const auto* batch = std::get_if<domain::EmailJobs>(&decoded);
        if (!batch) continue;
        std::string names;
        for (const auto& email : batch->emails)
            if (unknown.contains(email.email_queue_id)) names += " " + email.email_queue_id.text();
        if (names.empty()) continue;
        quarantine(bus_, record, domain::groups::sender, "no such email:" + names, now);
        poison_.add();
    }
}

void EmailProcessor::begin_claimed() {
    if (claimed_.empty()) return;
    letters_.prepare(claimed_);
    for (auto& email : claimed_) {
        std::visit(match{[&](Draft draft) { sessions_.begin(std::move(email), std::move(draft), asked_at_); },
                         [&](const Unwritable& why) { sessions_.hold(email, why); },
                         [&](const NoAccount&) { sessions_.end_without_account(email); }},
                   letters_.draft(email));
    }
    claimed_.clear();
}

}  // namespace sequitur::workers
