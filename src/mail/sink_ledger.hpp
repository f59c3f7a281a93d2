// The sink's ledger: lines of several waiting sessions share one write and one sync.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sequitur::mail {

/// Thread-safe.
class SinkLedger {
public:
    using Durable = std::function<void(bool written)>;
    /// `run` is given all answers of one sync, to run them where their sessions live.
    using Run = std::function<void(std::function<void()>)>;

    /// A torn last line was never acknowledged and is cut off. Throws std::runtime_error.
    SinkLedger(const std::string& file, Run run);
    ~SinkLedger();
    SinkLedger(const SinkLedger&) = delete;
    SinkLedger& operator=(const SinkLedger&) = delete;

    /// `line` without its newline. `durable(false)`: it is not in the file.
    void append(std::string line, Durable durable);

private:
    void write_until_stopped();
    bool write_group(const std::string& lines);

    int file_ = -1;
    Run run_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string lines_;
    std::vector<Durable> waiting_;
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace sequitur::mail
