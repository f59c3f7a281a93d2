// A full record of `email-jobs`, 50 emails: the one that every mail travels in.
#include <benchmark/benchmark.h>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "domain/messages.hpp"

namespace sequitur::domain {

namespace {

EmailJobs jobs() {
    const auto now = SystemClock{}.now();
    EmailJobs made;
    made.batch_id = BatchId::make(now);
    made.produced_at = now;
    for (int n = 0; n < batch_emails_max; ++n)
        made.emails.push_back({EmailId::make(now), EnrollmentId::make(now), MailboxId::make(now), 0});
    return made;
}

void encode_jobs(benchmark::State& state) {
    const auto record = jobs();
    for (auto _ : state) benchmark::DoNotOptimize(encode(record));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(encode(record).size()));
    state.SetItemsProcessed(state.iterations() * batch_emails_max);
}
BENCHMARK(encode_jobs);

void decode_jobs(benchmark::State& state) {
    const auto payload = encode(jobs());
    const auto now = SystemClock{}.now();
    for (auto _ : state) benchmark::DoNotOptimize(decode_email_jobs(payload, now));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(payload.size()));
    state.SetItemsProcessed(state.iterations() * batch_emails_max);
}
BENCHMARK(decode_jobs);

}  // namespace

}  // namespace sequitur::domain
