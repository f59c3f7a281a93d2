#include "mail/sink_ledger.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace sequitur::mail {

namespace {

// The offset behind the last newline.
off_t end_of_last_line(int file) {
    auto end = ::lseek(file, 0, SEEK_END);
    char byte = 0;
    while (end > 0 && ::pread(file, &byte, 1, end - 1) == 1 && byte != '\n') --end;
    return end;
}

}  // namespace

SinkLedger::SinkLedger(const std::string& file, Run run)
    : file_(::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644)), run_(std::move(run)) {
    if (file_ < 0) throw std::runtime_error("ledger " + file + ": " + std::strerror(errno));
    if (::ftruncate(file_, end_of_last_line(file_)) != 0)
        throw std::runtime_error("ledger " + file + ": " + std::strerror(errno));
    thread_ = std::thread{[this] { write_until_stopped(); }};
}

SinkLedger::~SinkLedger() {
    {
        const std::scoped_lock lock{mutex_};
        stopped_ = true;
    }
    changed_.notify_one();
    thread_.join();
    ::close(file_);
}

void SinkLedger::append(std::string line, Durable durable) {
    {
        const std::scoped_lock lock{mutex_};
        lines_ += line;
        lines_ += '\n';
        waiting_.push_back(std::move(durable));
    }
    changed_.notify_one();
}

void SinkLedger::write_until_stopped() {
    std::unique_lock lock{mutex_};
    while (true) {
        changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        const auto lines = std::exchange(lines_, {});
        auto group = std::exchange(waiting_, {});
        lock.unlock();
        const bool written = write_group(lines);
        run_([group = std::move(group), written] {
            for (const auto& durable : group) durable(written);
        });
        lock.lock();
    }
}

// All of the lines or, as far as one can tell, none.
bool SinkLedger::write_group(const std::string& lines) {
    const auto before = ::lseek(file_, 0, SEEK_END);
    std::size_t done = 0;
    while (done < lines.size()) {
        const auto count = ::write(file_, lines.data() + done, lines.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        done += static_cast<std::size_t>(count);
    }
    if (done == lines.size() && ::fdatasync(file_) == 0) return true;
    return ::ftruncate(file_, before) != 0 && false;
}

}  // namespace sequitur::mail
