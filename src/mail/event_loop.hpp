// One thread that waits for sockets, for work of other threads, and for a time.
//
// A socket is registered once for its whole life and told of by edges: a mail costs no call beside its reads and
// writes, and an idle connection no buffer. Other threads wake the loop only while it sleeps. After work it waits two
// milliseconds before it looks again: to be woken for each answer of a server costs a tenth of a mail (decision 0048).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.hpp"

namespace sequitur::mail {

/// What a socket's owner is told, on the loop's thread.
class SocketWatcher {
public:
    virtual ~SocketWatcher() = default;
    /// Something has changed since the last time: read until there is no more, write on. `ended`: the other side has
    /// closed, so the reading goes on to that end.
    virtual void on_socket(bool ended) = 0;
    /// What it asked for by at_end_of_round().
    virtual void on_end_of_round() {}
};

/// post() and stop() are thread-safe, the rest is for the loop's thread or while it does not run.
class EventLoop {
public:
    using Task = std::function<void()>;

    /// Throws std::system_error when the process has no descriptors left.
    explicit EventLoop(const Clock& clock);
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// Until stop().
    void run();
    void stop();
    void post(Task task);
    /// One at a time: the last one counts.
    void at(SteadyTime due, Task task);
    /// Once the tasks of this round are done: a hundred mails composed in a row and then written in a row cost less
    /// than one after the other, since neither has to fetch its code anew for each.
    void at_end_of_round(std::weak_ptr<SocketWatcher> watcher) { at_end_.push_back(std::move(watcher)); }

    /// `socket` is told of while `watcher` lives. False: the system refuses.
    bool watch(int socket, std::weak_ptr<SocketWatcher> watcher);
    /// Before the socket is closed.
    void forget(int socket);

private:
    struct Watched {
        std::weak_ptr<SocketWatcher> watcher;
        std::uint32_t generation = 0;  ///< an event of a socket of this number that is closed already has another
    };

    void run_tasks();
    void run_timer();
    void end_round();
    void gather();
    void wait_for_sockets();
    int patience() const;
    bool sleeps();

    const Clock& clock_;
    int epoll_ = -1;
    int wake_ = -1;
    std::vector<Watched> watched_;  ///< by descriptor
    std::optional<SteadyTime> due_;
    Task timed_;
    std::vector<std::weak_ptr<SocketWatcher>> at_end_;
    bool is_busy_ = false;  ///< the last round had work, so more of it is on its way

    std::mutex mutex_;
    std::vector<Task> tasks_;
    bool asleep_ = false;
    bool stopped_ = false;
};

}  // namespace sequitur::mail
