// The records of one topic for one group, round by round.
//
// A round polls, its user processes, then it commits. A round that ends without a commit gives up
// the membership, so that everything in it comes again, here or at another member; the next round
// joins anew. That is the answer to every failure between poll and commit.
#pragma once

#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "domain/ports/message_bus.hpp"

namespace sequitur::workers {

/// Used by one thread. `group` and `topic` outlive it.
class RecordSource {
public:
    RecordSource(domain::MessageBus& bus, std::string_view group, std::string_view topic)
        : bus_(bus), group_(group), topic_(topic) {}

    class Round {
    public:
        explicit Round(RecordSource& source) : source_(source) {}
        Round(const Round&) = delete;
        Round& operator=(const Round&) = delete;
        ~Round();

        /// May be called several times. A requested stop ends a waiting poll. Throws BusError.
        std::vector<domain::BusRecord> poll(std::size_t records_max, Duration wait, const std::stop_token& stop);
        /// Everything polled in this round is done. Throws BusError.
        void commit();

    private:
        RecordSource& source_;
        std::map<int, std::int64_t> next_offsets_;  ///< by partition
        bool is_finished_ = false;
    };

private:
    domain::MessageBus& bus_;
    const std::string_view group_;
    const std::string_view topic_;
    std::unique_ptr<domain::Subscription> subscription_;
};

}  // namespace sequitur::workers
