#include "bus/hit_spool.hpp"

#include <boost/crc.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/fault.hpp"
#include "base/log.hpp"

namespace sequitur::bus {

namespace {

constexpr std::string_view extension = ".hits";
constexpr auto looks_for_the_dead_every = std::chrono::seconds{2};
constexpr std::size_t read_bytes = 256'000;
constexpr std::int64_t file_bytes_max = 16'000'000;  // of what is done
constexpr std::size_t checksum_digits = 8;

std::uint32_t checksum(std::string_view text) {
    boost::crc_32_type crc;
    crc.process_bytes(text.data(), text.size());
    return crc.checksum();
}

std::string line_of(const domain::EmailEvent& hit) {
    const auto record = domain::encode(domain::EmailEvents{.id = hit.id.uuid, .at = hit.at, .events = {hit}});
    return fmt::format("{:08x} {}\n", checksum(record), record);
}

/// nullopt: cut or changed, or no record that anybody could read.
std::optional<domain::EmailEvent> hit_of(std::string_view line, TimePoint now) {
    std::uint32_t told = 0;
    const auto [end, error] =
        std::from_chars(line.data(), line.data() + std::min(line.size(), checksum_digits), told, 16);
    if (error != std::errc{} || line.size() < checksum_digits + 1) return std::nullopt;
    const auto record = line.substr(checksum_digits + 1);
    if (checksum(record) != told) return std::nullopt;
    auto read = domain::decode_email_events(record, now);
    auto* events = std::get_if<domain::EmailEvents>(&read);
    return events && events->events.size() == 1 ? std::optional{std::move(events->events.front())} : std::nullopt;
}

}  // namespace

HitSpool::HitSpool(std::filesystem::path folder, const Clock& clock, Doorbell& bell)
    : folder_(std::move(folder)),
      clock_(clock),
      bell_(bell),
      file_((std::filesystem::create_directories(folder_), new_file())),
      writer_([this](const std::stop_token& stop) { write(stop); }) {}

HitSpool::~HitSpool() {
    writer_.request_stop();
    writer_.join();
    try {
        if (file_->size() == 0) file_->remove();
    } catch (const std::exception& error) { log::warn("spool not removed", {{"reason", error.what()}}); }
}

std::unique_ptr<SpoolFile> HitSpool::new_file() const {
    return std::make_unique<SpoolFile>(SpoolFile::create(folder_, Uuid::v7(clock_.now()).text().append(extension)));
}

void HitSpool::keep(const domain::EmailEvent& hit, std::function<void(bool kept)> then) {
    const auto line = line_of(hit);
    {
        const std::scoped_lock lock{mutex_};
        waiting_.lines += line;
        waiting_.then.push_back(std::move(then));
    }
    came_.notify_one();
}

// What comes while the disk works is written together next.
void HitSpool::write(const std::stop_token& stop) {
    Group group;
    while (true) {
        group.lines.clear();
        group.then.clear();
        {
            std::unique_lock lock{mutex_};
            came_.wait(lock, stop, [this] { return !waiting_.then.empty(); });
            if (waiting_.then.empty()) return;
            std::swap(group, waiting_);
        }
        const bool kept = append(group.lines);
        for (const auto& then : group.then) then(kept);
        if (kept) bell_.ring();
    }
}

bool HitSpool::append(std::string_view lines) {
    const std::scoped_lock lock{file_mutex_};
    try {
        fault::point("hits.before_sync");
        file_->append(lines);
        fault::point("hits.after_sync");
        return true;
    } catch (const std::exception& error) {
        log::error("hits can not be kept; they are refused", {{"reason", error.what()}});
        return false;
    }
}

std::int64_t HitSpool::kept_size() {
    const std::scoped_lock lock{file_mutex_};
    return file_->size();
}

void HitSpool::look_for_the_dead() {
    if (adopted_ || clock_.steady_now() < look_again_) return;
    for (const auto& entry : std::filesystem::directory_iterator{folder_}) {
        if (entry.path().extension() != extension) continue;
        auto found = SpoolFile::adopt(entry.path());
        if (!found) continue;
        log::info("taking over the hits of a process that is gone", {{"file", entry.path().string()}});
        adopted_ = std::make_unique<SpoolFile>(std::move(*found));
        adopted_offset_ = 0;
        return;
    }
    look_again_ = clock_.steady_now() + looks_for_the_dead_every;
}

std::vector<domain::EmailEvent> HitSpool::take(std::size_t hits_max) {
    look_for_the_dead();
    if (adopted_) return read_lines(*adopted_, adopted_offset_, adopted_->size(), hits_max);
    return read_lines(*file_, offset_, kept_size(), hits_max);
}

std::vector<domain::EmailEvent> HitSpool::read_lines(const SpoolFile& file, std::int64_t from, std::int64_t end,
                                                     std::size_t hits_max) {
    const auto bytes = file.read(from, std::min(read_bytes, static_cast<std::size_t>(end - from)));
    std::vector<domain::EmailEvent> hits;
    std::string_view rest{bytes};
    auto length = rest.find('\n');
    for (; length != std::string_view::npos && hits.size() < hits_max; length = rest.find('\n')) {
        if (auto hit = hit_of(rest.substr(0, length), clock_.now()))
            hits.push_back(std::move(*hit));
        else
            log::warn("a line of the spool is passed over", {{"bytes", length}});
        rest.remove_prefix(length + 1);
    }
    // What has no end was cut by a crash; no line is as long as what is read at once.
    if (length == std::string_view::npos && (hits.empty() || from + std::ssize(bytes) == end)) rest = {};
    taken_ = static_cast<std::int64_t>(bytes.size() - rest.size());
    whole_ = from + taken_ == end;
    return hits;
}

void HitSpool::done() {
    const auto taken = std::exchange(taken_, 0);
    if (adopted_) {
        adopted_offset_ += taken;
        if (!whole_) return;
        adopted_->remove();
        adopted_.reset();
        return;
    }
    offset_ += taken;
    if (offset_ > 0) make_room();
}

/// Empties our file when all of it is done, or begins another one.
void HitSpool::make_room() {
    const bool grew = offset_ > file_bytes_max;
    auto next = grew ? new_file() : nullptr;
    const std::scoped_lock lock{file_mutex_};
    if (offset_ == file_->size()) {
        file_->clear();
        if (next) next->remove();
    } else if (grew) {
        file_.swap(next);
        adopted_ = std::move(next);
        adopted_offset_ = offset_;
    } else {
        return;
    }
    offset_ = 0;
}

}  // namespace sequitur::bus
