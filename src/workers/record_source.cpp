#include "workers/record_source.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace sequitur::workers {

RecordSource::Round::~Round() {
    if (!is_finished_) source_.subscription_.reset();
}

std::vector<domain::BusRecord> RecordSource::Round::poll(std::size_t records_max, Duration wait,
                                                         const std::stop_token& stop) {
    auto& subscription = source_.subscription_;
    if (!subscription) subscription = source_.bus_.subscribe(source_.group_, source_.topic_);
    const std::stop_callback wake_at_stop{stop, [&] { subscription->wake(); }};
    auto records = subscription->poll(records_max, wait);
    for (const auto& record : records) {
        auto& next = next_offsets_[record.partition];
        next = std::max(next, record.offset + 1);
    }
    return records;
}

void RecordSource::Round::commit() {
    std::vector<domain::Position> positions;
    for (const auto& [partition, next_offset] : next_offsets_) positions.push_back({partition, next_offset});
    if (!positions.empty()) {
        // A refused partition is somebody else's now: its records come again there, which is harmless.
        for (const int partition : source_.subscription_->commit(positions))
            log::debug("late commit refused", {{"topic", source_.topic_}, {"partition", partition}});
    }
    is_finished_ = true;
}

}  // namespace sequitur::workers
