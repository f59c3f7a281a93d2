// One member of a group on the embedded bus: what it holds, reads and gives back.
//
// Once a heartbeat it looks at the whole group (view) and decides by itself: a partition whose
// (owner, epoch) is not the one held is lost; above its quota it gives the highest ones back, once
// what it delivered of them is committed; below, it takes free ones. In between it only reads.
#pragma once

#include <map>

#include "bus/config.hpp"
#include "bus/member.hpp"
#include "bus/pulse.hpp"
#include "bus/session.hpp"
#include "domain/ports/message_bus.hpp"

namespace sequitur::bus {

class PostgresSubscription final : public domain::Subscription {
public:
    PostgresSubscription(Session& session, Pulse& pulse, const PostgresBusConfig& config, std::string group,
                         std::string topic, TopicNumber number, const Uuid& member);
    ~PostgresSubscription() override;

    std::vector<domain::BusRecord> poll(std::size_t records_max, Duration wait) override;
    std::vector<int> commit(std::span<const domain::Position> positions) override;
    void pause() override;
    void resume() override;
    std::vector<int> held() const override;
    void wake() override;

private:
    using Part = std::int16_t;
    struct Holding {
        std::int64_t epoch = 0;
        std::int64_t position = 0;   ///< the next offset to deliver
        std::int64_t committed = 0;  ///< the next offset to deliver to whoever holds it after us
        SteadyTime leaving_since{};  ///< zero: not leaving
        bool is_leaving() const { return leaving_since != SteadyTime{}; }
    };
    enum class After { keep, give_back };
    struct View {
        std::map<Part, Holding> mine;
        std::vector<Part> free;
        std::vector<std::int64_t> free_epochs;
        std::optional<int> quota;
        bool complete = true;
    };

    bool is_trusted() const;
    void join();
    void refresh(SteadyTime now);
    View view();
    void drop_lost(const View& seen);
    void give_back_excess(std::size_t quota, SteadyTime now);
    void take(const View& seen, std::size_t wanted);
    bool may_fetch() const;
    std::vector<domain::BusRecord> fetch(std::size_t records_max, SteadyTime now);
    void note_gap(Part part, std::int64_t records);
    /// Answers with the partitions that were still ours.
    std::vector<Part> commit_rows(const std::vector<Part>& parts, const std::vector<std::int64_t>& offsets,
                                  After after);

    Session& session_;
    Pulse& pulse_;
    const PostgresBusConfig& config_;
    const std::string topic_;
    Member member_;

    std::map<Part, Holding> held_;
    Part first_part_ = 0;  ///< whose turn it is to be read first
    bool joined_ = false;
    bool paused_ = false;
    SteadyTime next_view_{};
    SteadyTime next_fetch_{};
};

}  // namespace sequitur::bus
