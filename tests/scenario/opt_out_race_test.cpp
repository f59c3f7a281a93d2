// Row 49: an opt-out, and the stop by a hard bounce, race the dot permit, 10,000 times each.
//
// Two threads meet at a barrier for every mail: one asks for the permit, the other says no. The permit comes first, and
// the receipt names the mail, or never, and the receipt says that it was stopped. A mail that had its permit gets its
// answer at once, so it may be sent before the second transaction looks; then the receipt has nothing to say about it.
#include <gtest/gtest.h>

#include <algorithm>
#include <barrier>
#include <functional>
#include <iostream>
#include <random>
#include <thread>

#include "store/opt_out_store.hpp"
#include "support/queue_world.hpp"

namespace sequitur {
namespace {

using domain::EmailStatus;

constexpr int races = 10'000;
constexpr int round_races = 1'000;
constexpr int lanes = 4;

struct Race {
    domain::ClaimedEmail email;
    bool permitted = false;
    bool recorded = false;
    std::optional<domain::OptOutDone> said_no = {};
};

domain::Outcome outcome_of(const domain::ClaimedEmail& email, EmailStatus status, const char* event,
                           std::optional<std::string> reason) {
    domain::Outcome outcome;
    outcome.id = email.id;
    outcome.epoch = email.epoch;
    outcome.status = status;
    outcome.event_type = event;
    outcome.reason = std::move(reason);
    outcome.charged_date = email.charged_date;
    return outcome;
}

class StopRace : public testing::Test {
protected:
    std::vector<domain::ClaimedEmail> claimed(const std::vector<EmailId>& ids) {
        while (world.produce(round_races) > 0) {}
        auto emails = world.claim(ids).emails;
        EXPECT_EQ(emails.size(), ids.size());
        return emails;
    }
    store::EmailQueueStore sender() { return {world.hot, world.url(), std::chrono::minutes{20}}; }

    /// The permit, after a moment of chance, and the server's answer.
    static void send(store::EmailQueueStore& queue, Race& race, std::mt19937& chance) {
        const auto at = std::chrono::steady_clock::now() +
                        std::chrono::microseconds{std::uniform_int_distribution{0, 6'000}(chance)};
        while (std::chrono::steady_clock::now() < at) {}
        race.permitted = queue.flush({.permits = {{race.email.id, race.email.epoch}}, .outcomes = {}, .troubles = {}})
                             .granted.size() == 1;
        if (!race.permitted) return;
        race.recorded = queue
                            .flush({.permits = {},
                                    .outcomes = {outcome_of(race.email, EmailStatus::sent, "sent", {})},
                                    .troubles = {}})
                            .recorded.size() == 1;
    }

    /// `stop(race, lane)` runs against each race's permit; lane by lane, side by side.
    void run(std::vector<Race>& all, const std::function<void(Race&, int)>& stop) {
        std::vector<std::unique_ptr<std::barrier<>>> starts;
        std::vector<std::jthread> threads;  // last: they use the others to their end
        for (int lane = 0; lane < lanes; ++lane) starts.push_back(std::make_unique<std::barrier<>>(2));
        for (int lane = 0; lane < lanes; ++lane) {
            auto& start = *starts[static_cast<std::size_t>(lane)];
            threads.emplace_back([&, lane] {
                auto queue = sender();
                std::mt19937 chance{seed + static_cast<unsigned>(lane)};
                for (auto i = static_cast<std::size_t>(lane); i < all.size(); i += lanes) {
                    start.arrive_and_wait();
                    send(queue, all[i], chance);
                }
            });
            threads.emplace_back([&, lane] {
                for (auto i = static_cast<std::size_t>(lane); i < all.size(); i += lanes) {
                    start.arrive_and_wait();
                    stop(all[i], lane);
                }
            });
        }
    }

    test::QueueWorld world;
    store::OptOutStore opt_outs{world.hot};
    unsigned seed = std::random_device{}();
};

TEST_F(StopRace, Row49AnOptOutAnswersWhatBecomesOfTheMail) {
    int named = 0, sent_before = 0, stopped = 0;
    for (int done = 0; done < races; done += round_races) {
        const auto ids = world.enrol(world.sequence(1), world.mailbox(100'000), round_races);
        std::vector<Race> all;
        for (auto& email : claimed(ids)) all.push_back({.email = std::move(email)});

        run(all, [&](Race& race, int) { race.said_no = opt_outs.opt_out(race.email.id, "one_click"); });

        for (const auto& race : all) {
            SCOPED_TRACE("seed " + std::to_string(seed) + ", " + race.email.id.text());
            const auto& receipt = race.said_no->receipt;
            const auto saw = world.column("cancel_saw_phase", race.email.id);
            if (race.permitted) {
                EXPECT_TRUE(race.recorded);
                EXPECT_EQ(world.status(race.email.id), "sent");
                EXPECT_NE(saw, "pre") << "I7";
                EXPECT_EQ(receipt.stopping + receipt.cancelled, 0);
                (receipt.already_leaving.empty() ? sent_before : named) += 1;
            } else {
                EXPECT_EQ(world.status(race.email.id), "cancelled");
                EXPECT_EQ(saw, "pre");
                EXPECT_EQ(receipt.stopping, 1);
                EXPECT_TRUE(receipt.already_leaving.empty());
                ++stopped;
            }
        }
    }
    std::cout << "seed " << seed << ": " << named << " named, " << sent_before << " sent before, " << stopped
              << " stopped\n";
    EXPECT_GT(named, 0);
    EXPECT_GT(sent_before, 0);
    EXPECT_GT(stopped, 0);
    EXPECT_EQ(world.one<std::int64_t>("SELECT count(*) FROM sequence_contacts WHERE status IN ('active', 'pending')"),
              0);
}

TEST_F(StopRace, Row49AHardBounceStopsThePersonsOtherMailOrComesTooLate) {
    int sent = 0, stopped = 0;
    for (int done = 0; done < races; done += round_races) {
        const auto ids = world.enrol(world.sequence(1), world.mailbox(100'000), round_races);
        const auto others = world
                                .query("WITH sc AS (INSERT INTO sequence_contacts (sequence_id, contact_id, "
                                       "mailbox_id, status, started_at) SELECT $1, sc.contact_id, $2, 'active', now() "
                                       "FROM unnest($3) AS u(id) JOIN email_queues e ON e.id = u.id "
                                       "JOIN sequence_contacts sc ON sc.id = e.sequence_contact_id RETURNING id) "
                                       "INSERT INTO email_queues (sequence_contact_id, mailbox_id, step_id, "
                                       "step_version_id, step_order, scheduled_for) SELECT sc.id, $2, s.id, "
                                       "s.step_version_id, 0, now() FROM sc, steps s WHERE s.sequence_id = $1 "
                                       "RETURNING id",
                                       world.sequence(1), world.mailbox(100'000), ids)
                                .column<EmailId>(0);
        auto bouncing = claimed(ids);
        std::vector<Race> all;
        for (auto& email : claimed(others)) all.push_back({.email = std::move(email)});
        ASSERT_EQ(all.size(), bouncing.size());
        std::ranges::sort(bouncing, {}, &domain::ClaimedEmail::to);
        std::ranges::sort(all, {}, [](const Race& race) { return race.email.to; });
        for (const auto& email : bouncing) ASSERT_TRUE(world.permit(email));

        std::vector<std::unique_ptr<store::EmailQueueStore>> senders;
        for (int lane = 0; lane < lanes; ++lane)
            senders.push_back(
                std::make_unique<store::EmailQueueStore>(world.hot, world.url(), std::chrono::minutes{20}));
        run(all, [&](Race& race, int lane) {
            const auto& dead = bouncing[static_cast<std::size_t>(&race - all.data())];
            senders[static_cast<std::size_t>(lane)]->flush(
                {.permits = {},
                 .outcomes = {outcome_of(dead, EmailStatus::permanent_failure, "bounced", "bounced")},
                 .troubles = {}});
        });

        for (const auto& race : all) {
            SCOPED_TRACE("seed " + std::to_string(seed) + ", " + race.email.id.text());
            const auto saw = world.column("cancel_saw_phase", race.email.id);
            EXPECT_EQ(world.status(race.email.id), race.permitted ? "sent" : "cancelled");
            EXPECT_EQ(saw == "pre", !race.permitted) << "I7";
            (race.permitted ? sent : stopped) += 1;
        }
    }
    std::cout << "seed " << seed << ": " << sent << " sent, " << stopped << " stopped\n";
    EXPECT_GT(sent, 0);
    EXPECT_GT(stopped, 0);
}

}  // namespace
}  // namespace sequitur
