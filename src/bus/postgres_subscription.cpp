#include "bus/postgres_subscription.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "bus/sql.hpp"

namespace sequitur::bus {

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t fetch_records_max = 10'000;
constexpr std::int32_t fetch_bytes_max = 1'000'000;  // of one partition

}  // namespace

PostgresSubscription::PostgresSubscription(Session& session, Pulse& pulse, const PostgresBusConfig& config,
                                           std::string group, std::string topic, TopicNumber number, const Uuid& member)
    : session_(session),
      pulse_(pulse),
      config_(config),
      topic_(std::move(topic)),
      member_{.group = std::move(group),
              .topic = number,
              .id = member,
              .bell = {},
              .last_poll = {},
              .heartbeat_began = {}} {}

PostgresSubscription::~PostgresSubscription() {
    if (!joined_) return;
    pulse_.remove(member_);
    try {
        session_.exec(sql::leave, pg::Params{member_.group, member_.topic, member_.id});
    } catch (const domain::BusError& error) {
        log::warn("bus member could not leave, its lease will end",
                  {{"group", member_.group}, {"error", error.what()}});
    }
}

void PostgresSubscription::pause() { paused_ = true; }

void PostgresSubscription::resume() {
    paused_ = false;
    next_fetch_ = {};
}

void PostgresSubscription::wake() { member_.bell.wake(); }

bool PostgresSubscription::is_trusted() const {
    return Steady::now() - member_.heartbeat_began.load() <= config_.trust;
}

std::vector<int> PostgresSubscription::held() const {
    std::vector<int> parts;
    if (is_trusted()) std::ranges::transform(held_, std::back_inserter(parts), [](const auto& h) { return h.first; });
    return parts;
}

std::vector<domain::BusRecord> PostgresSubscription::poll(std::size_t records_max, Duration wait) {
    const auto deadline = Steady::now() + wait;
    while (true) {
        const auto now = Steady::now();
        member_.last_poll = now;
        if (now >= next_view_) refresh(now);
        const bool wants = records_max > 0 && may_fetch();
        if (wants && now >= next_fetch_) {
            auto records = fetch(records_max, now);
            if (!records.empty()) return records;
        }
        const auto next = std::min(deadline, wants ? std::min(next_view_, next_fetch_) : next_view_);
        const auto heard = member_.bell.wait_until(next);
        if (heard.ring) next_fetch_ = {};
        if (heard.wake || Steady::now() >= deadline) return {};
    }
}

void PostgresSubscription::join() {
    session_.exec(sql::subscribe, pg::Params{member_.group, member_.topic});
    pulse_.beat(member_);
    pulse_.add(member_);
    joined_ = true;
}

/// The view only makes sense soon after a heartbeat: others count us by it.
void PostgresSubscription::refresh(SteadyTime now) {
    if (!joined_)
        join();
    else if (now - member_.heartbeat_began.load() > config_.heartbeat * 3 / 2)
        pulse_.beat(member_);
    auto seen = view();
    if (!seen.complete) {
        session_.exec(sql::subscribe, pg::Params{member_.group, member_.topic});
        seen = view();
    }
    drop_lost(seen);
    if (seen.quota) {
        const auto quota = static_cast<std::size_t>(*seen.quota);
        give_back_excess(quota, now);
        if (held_.size() < quota && !seen.free.empty()) take(seen, quota - held_.size());
    }
    next_view_ = now + config_.heartbeat;
}

PostgresSubscription::View PostgresSubscription::view() {
    const auto rows = session_.exec(
        sql::view, pg::Params{member_.group, member_.topic, member_.id, Duration{config_.lease - config_.heard}});
    View seen{.mine = {}, .free = {}, .free_epochs = {}, .quota = {}, .complete = !rows.empty()};
    for (int i = 0; i < rows.rows(); ++i) {
        auto row = rows.row(i);
        const auto part = row.next<Part>();
        const auto epoch = row.next<std::int64_t>();
        const auto committed = row.next<std::int64_t>();
        const bool mine = row.next<bool>();
        const bool free = row.next<bool>();
        seen.quota = row.next<std::optional<int>>();
        seen.complete = row.next<int>() == rows.rows();
        if (mine) {
            seen.mine.emplace(part, Holding{.epoch = epoch, .position = committed, .committed = committed});
        } else if (free) {
            seen.free.push_back(part);
            seen.free_epochs.push_back(epoch);
        }
    }
    return seen;
}

/// And finds what is ours without our knowing: a taking whose answer was lost.
void PostgresSubscription::drop_lost(const View& seen) {
    std::erase_if(held_, [&](const auto& holding) {
        const auto now = seen.mine.find(holding.first);
        return now == seen.mine.end() || now->second.epoch != holding.second.epoch;
    });
    for (const auto& [part, holding] : seen.mine)
        if (held_.emplace(part, holding).second) next_fetch_ = {};
}

/// What has been delivered and not committed gets the time of a lease to be finished.
void PostgresSubscription::give_back_excess(std::size_t quota, SteadyTime now) {
    std::vector<Part> parts;
    std::vector<std::int64_t> offsets;
    std::size_t kept = 0;
    for (auto& [part, holding] : held_) {
        if (kept++ < quota) {
            holding.leaving_since = {};
            continue;
        }
        if (!holding.is_leaving()) holding.leaving_since = now;
        if (holding.position > holding.committed && now - holding.leaving_since < config_.lease) continue;
        parts.push_back(part);
        offsets.push_back(holding.committed);
    }
    if (parts.empty()) return;
    commit_rows(parts, offsets, After::give_back);
    for (const auto part : parts) held_.erase(part);
}

void PostgresSubscription::take(const View& seen, std::size_t wanted) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(wanted, seen.free.size()));
    const std::vector parts(seen.free.begin(), seen.free.begin() + count);
    const std::vector epochs(seen.free_epochs.begin(), seen.free_epochs.begin() + count);
    const auto rows = session_.exec(sql::take, pg::Params{member_.group, member_.topic, member_.id, parts, epochs});
    for (int i = 0; i < rows.rows(); ++i) {
        const auto committed = rows.get<std::int64_t>(i, 2);
        held_[rows.get<Part>(i, 0)] = {
            .epoch = rows.get<std::int64_t>(i, 1), .position = committed, .committed = committed};
    }
    next_fetch_ = {};
}

bool PostgresSubscription::may_fetch() const {
    return !paused_ && is_trusted() &&
           std::ranges::any_of(held_, [](const auto& holding) { return !holding.second.is_leaving(); });
}

std::vector<domain::BusRecord> PostgresSubscription::fetch(std::size_t records_max, SteadyTime now) {
    std::vector<Part> parts;
    for (const auto& [part, holding] : held_)
        if (!holding.is_leaving()) parts.push_back(part);
    std::ranges::rotate(parts, std::ranges::upper_bound(parts, first_part_));
    first_part_ = parts.front();
    std::vector<std::int64_t> epochs;
    std::vector<std::int64_t> positions;
    for (const auto part : parts) {
        epochs.push_back(held_[part].epoch);
        positions.push_back(held_[part].position);
    }
    const auto limit = static_cast<std::int32_t>(std::min(records_max, fetch_records_max));
    const auto rows = session_.exec(sql::fetch, pg::Params{member_.group, member_.topic, member_.id, parts, epochs,
                                                           positions, limit, fetch_bytes_max});
    if (rows.empty()) next_fetch_ = now + config_.look_anyway;
    std::vector<domain::BusRecord> records;
    for (int i = 0; i < rows.rows(); ++i) {
        auto row = rows.row(i);
        const auto part = row.next<Part>();
        const auto offset = row.next<std::int64_t>();
        auto& position = held_[part].position;
        if (offset > position) note_gap(part, offset - position);
        position = offset + 1;
        const auto slot = row.next<std::int16_t>();
        const auto id = row.next<Uuid>();
        const auto at = row.next<TimePoint>();
        records.push_back({topic_, part, offset, slot, id, at, row.next<pg::Bytes>().value});
    }
    return records;
}

void PostgresSubscription::note_gap(Part part, std::int64_t records) {
    log::warn("bus records were taken by retention before they were read",
              {{"group", member_.group}, {"topic", topic_}, {"partition", part}, {"records", records}});
}

std::vector<int> PostgresSubscription::commit(std::span<const domain::Position> positions) {
    std::vector<int> refused;
    std::map<Part, std::int64_t> asked;
    for (const auto& [partition, next_offset] : positions) {
        const auto part = static_cast<Part>(partition);
        if (!held_.contains(part))
            refused.push_back(partition);
        else
            asked[part] = std::max(asked[part], next_offset);
    }
    if (asked.empty()) return refused;
    std::vector<Part> parts;
    std::vector<std::int64_t> offsets;
    for (const auto& [part, offset] : asked) {
        parts.push_back(part);
        offsets.push_back(offset);
    }
    for (const auto part : commit_rows(parts, offsets, After::keep)) {
        auto& committed = held_[part].committed;
        committed = std::max(committed, asked[part]);
        asked.erase(part);
    }
    for (const auto& [lost, offset] : asked) {
        refused.push_back(lost);
        held_.erase(lost);
    }
    return refused;
}

std::vector<PostgresSubscription::Part> PostgresSubscription::commit_rows(const std::vector<Part>& parts,
                                                                          const std::vector<std::int64_t>& offsets,
                                                                          After after) {
    std::vector<std::int64_t> epochs;
    for (const auto part : parts) epochs.push_back(held_[part].epoch);
    const std::vector<bool> released(parts.size(), after == After::give_back);
    return session_
        .exec(sql::commit, pg::Params{member_.group, member_.topic, member_.id, parts, epochs, offsets, released})
        .column<Part>(0);
}

}  // namespace sequitur::bus
