#include "app/process.hpp"

#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "base/log.hpp"

namespace sequitur::app {

namespace {

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

}  // namespace

void protect_process() {
    ::prctl(PR_SET_DUMPABLE, 0);
    ::signal(SIGPIPE, SIG_IGN);
    // Without fastbins: the threads' own caches do their work, and a mail's buffers need not merge them each time.
    ::mallopt(M_MXFAST, 0);
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
}

StopSignals::StopSignals() {
    const auto set = stop_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    thread_ = std::jthread{[this, set](const std::stop_token& over) {
        while (!over.stop_requested()) {
            const timespec tick{.tv_sec = 0, .tv_nsec = 100'000'000};
            const int number = ::sigtimedwait(&set, nullptr, &tick);
            if (number < 0) continue;
            if (asked_.stop_requested()) {
                log::warn("ended by a second signal");
                ::_exit(number == SIGINT ? 130 : 143);
            }
            log::info("stopping", {{"signal", number == SIGINT ? "SIGINT" : "SIGTERM"}});
            asked_.request_stop();
        }
    }};
}

StopSignals::~StopSignals() {
    // Later signals act as usual again: what follows must not hang on them.
    thread_ = {};
    const auto set = stop_signals();
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void StopSignals::wait() const {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock{mutex};
    never.wait(lock, asked_.get_token(), [this] { return asked_.stop_requested(); });
}

}  // namespace sequitur::app
