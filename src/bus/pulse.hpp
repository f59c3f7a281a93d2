// What goes on beside the polls, in one thread a process: heartbeats for all its members in one
// statement, and telling the other processes of new records.
//
// A member whose poll loop has not run for max_poll gets no heartbeat, so that its partitions go to
// somebody who works. Announcing is NOTIFY alone, at most once in announce_gap: the first at once,
// what comes meanwhile together at its end. It is only a hint, so a failure is not repeated.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bus/config.hpp"
#include "bus/member.hpp"
#include "bus/session.hpp"

namespace sequitur::bus {

/// Thread-safe.
class Pulse {
public:
    Pulse(Session& session, const PostgresBusConfig& config, const Uuid& process);

    /// From now on the member is rung and kept alive.
    void add(Member& member);
    /// When it returns, no heartbeat of the member is under way or will follow.
    void remove(Member& member);
    /// A heartbeat for one member, by its own thread. Throws BusError.
    void beat(Member& member);

    /// New records are durable: rings the members of this process, and tells the others soon.
    void announce(const std::set<TopicNumber>& topics);
    /// An announcement of any process; an empty one means that some may have been missed.
    void hear(std::string_view announcement);

private:
    void run(const std::stop_token& stop);
    void beat_all();
    void beat(const std::vector<Member*>& members);
    void tell(const std::set<TopicNumber>& topics);
    void ring(const auto& concerns);

    Session& session_;
    const PostgresBusConfig& config_;
    const std::string process_;

    std::mutex beating_;  ///< held around a heartbeat; before members_mutex_
    std::mutex members_mutex_;
    std::vector<Member*> members_;

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::set<TopicNumber> untold_;
    bool news_ = false;

    std::jthread thread_;  ///< last: it uses all of the above
};

}  // namespace sequitur::bus
