// Hits on the disk: kept with one fsync for all that came together, read again until the bus has them.
//
// Each process has a file of its own in the spool's folder and takes over what dead ones left there, so any number of
// processes share a folder. A line is its checksum and a record of email-events with one event; a line that was cut
// by a crash was never answered and is passed over. What is read twice is recorded once: an event keeps its id.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "base/clock.hpp"
#include "base/doorbell.hpp"
#include "bus/spool_file.hpp"
#include "domain/ports/hit_log.hpp"

namespace sequitur::bus {

class HitSpool final : public domain::HitLog, public domain::HitBacklog {
public:
    /// Makes the folder. `bell` is rung when there is something to take. Throws std::system_error.
    HitSpool(std::filesystem::path folder, const Clock& clock, Doorbell& bell);
    /// Keeps what is being kept; removes its file if all of it was taken.
    ~HitSpool() override;

    void keep(const domain::EmailEvent& hit, std::function<void(bool kept)> then) override;
    std::vector<domain::EmailEvent> take(std::size_t hits_max) override;
    void done() override;

private:
    /// Hits that are written together.
    struct Group {
        std::string lines;
        std::vector<std::function<void(bool kept)>> then;
    };

    void write(const std::stop_token& stop);
    bool append(std::string_view lines);
    std::unique_ptr<SpoolFile> new_file() const;
    std::int64_t kept_size();
    void look_for_the_dead();
    std::vector<domain::EmailEvent> read_lines(const SpoolFile& file, std::int64_t from, std::int64_t end,
                                               std::size_t hits_max);
    void make_room();

    const std::filesystem::path folder_;
    const Clock& clock_;
    Doorbell& bell_;

    std::mutex mutex_;
    std::condition_variable_any came_;
    Group waiting_;

    std::mutex file_mutex_;  ///< of what is appended; only the thread that takes clears or replaces the file
    std::unique_ptr<SpoolFile> file_;

    // Of the thread that takes.
    std::int64_t offset_ = 0;  ///< in our file: all before it is done
    std::unique_ptr<SpoolFile> adopted_;  ///< a dead process's, or one of ours that has grown
    std::int64_t adopted_offset_ = 0;
    SteadyTime look_again_{};
    std::int64_t taken_ = 0;  ///< bytes of the last take()
    bool whole_ = false;  ///< the last take() reached the end

    std::jthread writer_;  // last: it uses all of the above
};

}  // namespace sequitur::bus
