#include "mail/event_loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

namespace sequitur::mail {

namespace {

constexpr std::size_t events_max = 256;
constexpr std::uint64_t wake_up = ~std::uint64_t{0};
constexpr std::chrono::milliseconds gather_time{2};

bool add(int epoll, int descriptor, std::uint32_t events, std::uint64_t data) {
    epoll_event event{};
    event.events = events | EPOLLET;
    event.data.u64 = data;
    return ::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

}  // namespace

EventLoop::EventLoop(const Clock& clock)
    : clock_(clock), epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (epoll_ >= 0 && wake_ >= 0 && add(epoll_, wake_, EPOLLIN, wake_up)) return;
    const int error = errno;
    ::close(epoll_);
    ::close(wake_);
    throw std::system_error{error, std::system_category(), "no event loop"};
}

EventLoop::~EventLoop() {
    ::close(epoll_);
    ::close(wake_);
}

void EventLoop::run() {
    while (true) {
        run_tasks();
        run_timer();
        end_round();
        gather();
        if (!sleeps()) return;
        wait_for_sockets();
    }
}

void EventLoop::stop() {
    post([this] {
        const std::scoped_lock lock{mutex_};
        stopped_ = true;
    });
}

void EventLoop::post(Task task) {
    bool sleeping = false;
    {
        const std::scoped_lock lock{mutex_};
        tasks_.push_back(std::move(task));
        sleeping = std::exchange(asleep_, false);
    }
    // Nobody reads the number: each write is an edge of its own.
    constexpr std::uint64_t one = 1;
    if (sleeping && ::write(wake_, &one, sizeof one) < 0) return;  // it has long been rung
}

void EventLoop::at(SteadyTime due, Task task) {
    due_ = due;
    timed_ = std::move(task);
}

bool EventLoop::watch(int socket, std::weak_ptr<SocketWatcher> watcher) {
    const auto place = static_cast<std::size_t>(socket);
    if (place >= watched_.size()) watched_.resize(place + 1 + place / 2);
    auto& entry = watched_[place];
    entry.watcher = std::move(watcher);
    ++entry.generation;
    return add(epoll_, socket, EPOLLIN | EPOLLOUT | EPOLLRDHUP,
               std::uint64_t{entry.generation} << 32 | static_cast<std::uint32_t>(socket));
}

void EventLoop::forget(int socket) {
    if (const auto place = static_cast<std::size_t>(socket); place < watched_.size()) watched_[place].watcher.reset();
}

// In the order in which they were posted; what they post themselves comes after the next look at the sockets.
void EventLoop::run_tasks() {
    std::vector<Task> tasks;
    {
        const std::scoped_lock lock{mutex_};
        tasks.swap(tasks_);
    }
    for (const auto& task : tasks) task();
    is_busy_ = is_busy_ || !tasks.empty();
}

// Whoever posts meanwhile need not wake anybody.
void EventLoop::gather() {
    if (std::exchange(is_busy_, false)) std::this_thread::sleep_for(gather_time);
}

void EventLoop::run_timer() {
    if (!due_ || clock_.steady_now() < *due_) return;
    due_.reset();
    std::exchange(timed_, {})();
}

// What is asked for meanwhile is of the next round, which may be far away: it is done, too.
void EventLoop::end_round() {
    while (!at_end_.empty())
        for (const auto& asked : std::exchange(at_end_, {}))
            if (const auto watcher = asked.lock()) watcher->on_end_of_round();
}

/// False: it is to stop. Who posts from here on wakes the loop.
bool EventLoop::sleeps() {
    const std::scoped_lock lock{mutex_};
    asleep_ = tasks_.empty();
    return !stopped_;
}

int EventLoop::patience() const {
    if (!due_) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due_ - clock_.steady_now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void EventLoop::wait_for_sockets() {
    const int longest = [&] {
        const std::scoped_lock lock{mutex_};
        return asleep_ ? patience() : 0;
    }();
    std::array<epoll_event, events_max> events;
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), longest);
    {
        const std::scoped_lock lock{mutex_};
        asleep_ = false;
    }
    is_busy_ = count > 0;
    for (int i = 0; i < count; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        if (event.data.u64 == wake_up) continue;
        const auto& entry = watched_[event.data.u64 & 0xFFFFFFFFU];
        if (entry.generation != event.data.u64 >> 32) continue;
        if (const auto watcher = entry.watcher.lock())
            watcher->on_socket((event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
    }
}

}  // namespace sequitur::mail
