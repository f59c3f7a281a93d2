// What a consumer's handle says of its membership, overheard from its requests: librdkafka tells
// neither when the last heartbeat was answered nor that it is about to join anew.
//
// A commit that is sent while a JoinGroup is under way carries the old generation: the broker refuses
// it, and librdkafka 2.0.2 then drops the whole assignment (its issue #4059). So commits wait. And a handle
// that ends after its group took it and before it got its first share ends the whole process (its issue #4312).
#pragma once

#include <atomic>

#include "base/clock.hpp"
#include "bus/kafka_handle.hpp"

namespace sequitur::bus {

/// Outlives the handle. Read by any thread, written by librdkafka's.
class KafkaMembership {
public:
    /// Before the handle is made of `conf`.
    void overhear(rd_kafka_conf_t* conf);

    /// When the request was sent to which the group last answered; the membership can not have ended before.
    SteadyTime heard_at() const { return heard_at_.load(); }
    /// From asking to join until the share is known.
    bool is_joining() const { return is_joining_.load(); }
    /// Whether the group does not count it: it never asked to join, or it left and that was answered.
    bool is_outside() const { return is_outside_.load(); }
    /// Since when no broker answers anything; zero: one does.
    SteadyTime silent_since() const { return silent_since_.load(); }
    /// Whether the handle may end: it never joined, or has had a share, be it an empty one.
    bool may_end() const { return !has_joined_.load() || has_had_share_.load(); }
    /// No broker can be reached.
    void note_silence();
    /// The group said which partitions are its own.
    void note_share() { has_had_share_ = true; }

private:
    static rd_kafka_resp_err_t add_to(rd_kafka_t* handle, const rd_kafka_conf_t*, void* self, char*, size_t);
    static rd_kafka_resp_err_t sent(rd_kafka_t*, int, const char*, std::int32_t, std::int16_t api, std::int16_t,
                                    std::int32_t, size_t, void* self);
    static rd_kafka_resp_err_t received(rd_kafka_t*, int, const char*, std::int32_t, std::int16_t api, std::int16_t,
                                        std::int32_t, size_t, std::int64_t, rd_kafka_resp_err_t error, void* self);

    std::atomic<SteadyTime> asked_at_{};
    std::atomic<SteadyTime> heard_at_{};
    std::atomic<SteadyTime> silent_since_{};
    std::atomic<bool> is_joining_ = true;
    std::atomic<bool> is_outside_ = true;
    std::atomic<bool> has_joined_ = false;
    std::atomic<bool> has_had_share_ = false;
};

}  // namespace sequitur::bus
