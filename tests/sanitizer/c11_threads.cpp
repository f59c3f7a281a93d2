// C11's threads by pthreads, for ThreadSanitizer alone: it knows only those. librdkafka starts its threads by
// thrd_create; without this the first callback on one of them ends the process. The linker takes these from the
// program before glibc's, which are laid out in the same way.
#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <cstdint>
#include <memory>

namespace {

struct Start {
    thrd_start_t act;
    void* argument;
};

void* run(void* given) {
    const std::unique_ptr<Start> start{static_cast<Start*>(given)};
    return reinterpret_cast<void*>(static_cast<std::intptr_t>(start->act(start->argument)));
}

int told(int error) {
    switch (error) {
        case 0: return thrd_success;
        case ENOMEM: return thrd_nomem;
        case ETIMEDOUT: return thrd_timedout;
        case EBUSY: return thrd_busy;
        default: return thrd_error;
    }
}

auto* of(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }
auto* of(cnd_t* condition) { return reinterpret_cast<pthread_cond_t*>(condition); }

static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t) && sizeof(cnd_t) == sizeof(pthread_cond_t));

}  // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t act, void* argument) {
    auto start = std::make_unique<Start>(Start{act, argument});
    const int error = pthread_create(thread, nullptr, run, start.get());
    if (error == 0) static_cast<void>(start.release());
    return told(error);
}

int thrd_join(thrd_t thread, int* result) {
    void* value = nullptr;
    const int error = pthread_join(thread, &value);
    if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(value));
    return told(error);
}

int mtx_init(mtx_t* mutex, int type) noexcept {
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_settype(&kind, (type & mtx_recursive) != 0 ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
    const int error = pthread_mutex_init(of(mutex), &kind);
    pthread_mutexattr_destroy(&kind);
    return told(error);
}

int mtx_lock(mtx_t* mutex) { return told(pthread_mutex_lock(of(mutex))); }
int mtx_unlock(mtx_t* mutex) noexcept { return told(pthread_mutex_unlock(of(mutex))); }
void mtx_destroy(mtx_t* mutex) noexcept { pthread_mutex_destroy(of(mutex)); }

int cnd_init(cnd_t* condition) noexcept { return told(pthread_cond_init(of(condition), nullptr)); }
int cnd_signal(cnd_t* condition) noexcept { return told(pthread_cond_signal(of(condition))); }
int cnd_broadcast(cnd_t* condition) noexcept { return told(pthread_cond_broadcast(of(condition))); }
int cnd_wait(cnd_t* condition, mtx_t* mutex) { return told(pthread_cond_wait(of(condition), of(mutex))); }
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
    return told(pthread_cond_timedwait(of(condition), of(mutex), until));
}
void cnd_destroy(cnd_t* condition) noexcept { pthread_cond_destroy(of(condition)); }

void call_once(once_flag* flag, void (*act)()) { pthread_once(reinterpret_cast<pthread_once_t*>(flag), act); }
}
