#include "bus/publisher.hpp"

#include <cassert>
#include <stdexcept>

#include "bus/sql.hpp"
#include "bus/topic_numbers.hpp"

namespace sequitur::bus {

namespace {
/// Of several requests together; a larger one goes alone.
constexpr std::size_t gathered_bytes_max = 4'000'000;
}  // namespace

void Publisher::publish(std::span<const domain::OutgoingRecord> records) {
    if (records.empty()) return;
    Request mine{.records = records, .error = {}};
    std::unique_lock lock{mutex_};
    waiting_.push_back(&mine);
    while (true) {
        changed_.wait(lock, [&] { return mine.done || !leading_; });
        if (mine.done) break;
        leading_ = true;
        const auto requests = gather();
        lock.unlock();
        const auto error = send(requests);
        lock.lock();
        leading_ = false;
        for (auto* request : requests) {
            request->done = true;
            request->error = error;
        }
        changed_.notify_all();
    }
    if (!mine.error.empty()) throw domain::BusError{mine.error};
}

std::vector<Publisher::Request*> Publisher::gather() {
    std::size_t bytes = 0;
    std::size_t count = 0;
    while (count < waiting_.size()) {
        for (const auto& record : waiting_[count]->records) bytes += record.payload.size();
        if (count > 0 && bytes > gathered_bytes_max) break;
        ++count;
    }
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<Request*> gathered{waiting_.begin(), end};
    waiting_.erase(waiting_.begin(), end);
    return gathered;
}

std::string Publisher::send(const std::vector<Request*>& requests) {
    std::vector<TopicNumber> topics;
    std::vector<std::int16_t> slots;
    std::vector<Uuid> ids;
    std::vector<pg::Bytes> payloads;
    for (const auto* request : requests) {
        for (const auto& record : request->records) {
            topics.push_back(*topic_number(record.topic));
            slots.push_back(static_cast<std::int16_t>(record.slot));
            ids.push_back(record.id);
            payloads.push_back({record.payload});
        }
    }
    try {
        const auto inserted = session_.exec(sql::publish, pg::Params{topics, slots, ids, payloads}).affected();
        return inserted == std::ssize(ids) ? "" : "bus publish: the topics are not created in this database";
    } catch (const domain::BusError& error) { return error.what(); }
}

}  // namespace sequitur::bus
