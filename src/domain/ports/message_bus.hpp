// The bus: durable, partitioned, at-least-once. Kafka-shaped; nothing above may tell which one runs.
//
// A record's key is a slot (0..63); the bus maps slots to partitions, so a change of the partition
// count never splits a record. Order within a slot is best effort: nothing may depend on it.
// Every record may come again: redelivery is made harmless by the rows' compare-and-set.
#pragma once

#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace sequitur::domain {

struct OutgoingRecord {
    std::string topic;
    int slot = 0;  ///< 0..63
    Uuid id;       ///< version 7
    std::string payload;
};

struct BusRecord {
    std::string topic;
    int partition = 0;
    std::int64_t offset = 0;
    int slot = 0;
    Uuid id;
    TimePoint at;         ///< when it was published, by the bus's clock
    std::string payload;  ///< any bytes: poison must be readable as it came
};

/// Everything of `partition` below `next_offset` is done.
struct Position {
    int partition = 0;
    std::int64_t next_offset = 0;
};

/// The bus can not be reached or refuses: broken surroundings. What was asked may or may not have happened.
struct BusError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One member of a group on one topic. Used by one thread; `wake` from any.
///
/// A new group starts at the oldest record kept. A member that is frozen or killed is replaced
/// within 10 s plus one tick, and its late commit is refused. A member whose own heartbeat is older
/// than 6 s treats its partitions as lost. A poll loop that has not run for `bus.max_poll` loses
/// its place. Destruction leaves the group at once (uncommitted records come again to others).
class Subscription {
public:
    virtual ~Subscription() = default;

    /// At most `records_max` records of the partitions held now; waits up to `wait` for the first.
    /// Also renews the membership: call it at least every second. Throws BusError.
    virtual std::vector<BusRecord> poll(std::size_t records_max, Duration wait) = 0;

    /// Commits; never moves backwards. Returns the partitions whose commit was refused because
    /// somebody else holds them now. Throws BusError.
    virtual std::vector<int> commit(std::span<const Position> positions) = 0;

    /// While paused, poll returns nothing but keeps the membership; positions stay.
    virtual void pause() = 0;
    virtual void resume() = 0;

    /// Partitions held now.
    virtual std::vector<int> held() const = 0;

    /// Ends a waiting poll early. Thread-safe.
    virtual void wake() = 0;
};

/// Thread-safe.
class MessageBus {
public:
    virtual ~MessageBus() = default;

    /// Durable when it returns. A transaction of its own that never joins the caller's. All or
    /// nothing is not promised: after an exception some may be published; publish again, ids are
    /// the consumer's protection. An unknown topic is an assertion of the caller. Throws BusError.
    virtual void publish(std::span<const OutgoingRecord> records) = 0;

    virtual std::unique_ptr<Subscription> subscribe(std::string_view group, std::string_view topic) = 0;

    struct Lag {
        std::string group;
        std::string topic;
        int partition = 0;
        std::int64_t records = 0;  ///< behind the newest
        std::int64_t lost = 0;     ///< taken by retention before they were read
    };
    virtual std::vector<Lag> lag() = 0;

    /// Retention and other housekeeping, called by the janitor about once a minute.
    virtual void tidy() = 0;
};

/// The dead letter of a record: `<topic>.dlq`, with coordinates, reason and (cut to 64 KiB, base64) payload.
/// Publish it, then commit the record's offset; dead letters may repeat.
OutgoingRecord dead_letter(const BusRecord& record, std::string_view group, std::string_view reason, TimePoint now);

}  // namespace sequitur::domain
