// What the janitor asks of the queue: nothing stays stuck, whatever died or was lost.
#include <algorithm>
#include <map>

#include "pg/transaction.hpp"
#include "store/due_signal.hpp"
#include "store/email_queue_store.hpp"
#include "store/sql.hpp"
#include "store/stop_people.hpp"
#include "store/translate.hpp"

namespace sequitur::store {

namespace {

struct Stuck {
    std::map<EmailId, std::int64_t> unsent;   ///< id → epoch
    std::map<EmailId, std::int64_t> permitted;
    std::vector<BatchId> batches;
};

Stuck read_stuck(const pg::Result& result) {
    Stuck stuck;
    for (int number = 0; number < result.rows(); ++number) {
        auto row = result.row(number);
        const auto batch = row.next<BatchId>();
        if (stuck.batches.empty() || stuck.batches.back() != batch) stuck.batches.push_back(batch);
        const auto id = row.next<std::optional<EmailId>>();
        const auto epoch = row.next<std::optional<std::int64_t>>();
        const auto state = row.next<std::string>();
        if (!id || state == "open") continue;
        (state == "expired_dot" ? stuck.permitted : stuck.unsent).emplace(*id, *epoch);
    }
    std::ranges::sort(stuck.batches);
    stuck.batches.erase(std::ranges::unique(stuck.batches).begin(), stuck.batches.end());
    return stuck;
}

pg::Params key_params(const std::map<EmailId, std::int64_t>& keys) {
    std::vector<EmailId> ids;
    std::vector<std::int64_t> epochs;
    for (const auto& [id, epoch] : keys) {
        ids.push_back(id);
        epochs.push_back(epoch);
    }
    return pg::Params{ids, epochs};
}

}  // namespace

domain::Swept EmailQueueStore::sweep_batches(Duration queued_after, int batches_max) {
    return as_transaction([&] {
        const auto connection = hot_.lease();
        pg::Transaction transaction{*connection};
        const auto stuck = read_stuck(connection->exec(sql::due_batches, pg::Params{queued_after, batches_max}));
        domain::Swept swept;
        if (!stuck.unsent.empty()) {
            const auto returned = connection->exec(sql::return_unsent, key_params(stuck.unsent));
            for (int row = 0; row < returned.rows(); ++row)
                ++(returned.get<std::string>(row, 2) == "scheduled" ? swept.rescheduled : swept.stopped);
        }
        if (!stuck.permitted.empty())
            swept.unknown = connection->exec(sql::expire_permits, key_params(stuck.permitted)).get<std::int32_t>(0, 0);
        if (!stuck.batches.empty()) connection->exec(sql::settle_batches, pg::Params{stuck.batches, queued_after});
        transaction.commit();
        if (swept.rescheduled > 0) DueSignal{}.give(*connection);
        return swept;
    });
}

domain::RetriesDone EmailQueueStore::sweep_failed(Duration age, int emails_max) {
    const auto stale = as_transaction([&] {
        const auto connection = hot_.lease();
        const auto result = connection->exec(sql::stale_failed, pg::Params{age, emails_max});
        std::vector<domain::EmailRetry> retries;
        for (int row = 0; row < result.rows(); ++row)
            retries.push_back({result.get<EmailId>(row, 0), result.get<std::int64_t>(row, 1), 0, {}});
        return retries;
    });
    return stale.empty() ? domain::RetriesDone{} : apply_retries(stale, {});
}

int EmailQueueStore::assume_sent(Duration age, int emails_max) {
    return as_transaction([&] {
        const auto connection = hot_.lease();
        return connection->exec(sql::assume_sent, pg::Params{age, emails_max, Uuid::v7(SystemClock{}.now())})
            .get<std::int32_t>(0, 0);
    });
}

int EmailQueueStore::finish_stops(Duration age, int entries_max) {
    return as_transaction([&] {
        const auto connection = hot_.lease();
        const auto entries =
            connection->exec(sql::suppressions_unsettled, pg::Params{age, entries_max}).column<SuppressionId>(0);
        if (entries.empty()) return 0;
        const auto people = people_of(*connection, entries);
        end_enrollments(*connection, people);
        domain::StopReceipt nobody_asks;
        stop_mail_of(*connection, people, entries, nobody_asks);
        return static_cast<int>(entries.size());
    });
}

int EmailQueueStore::probe_logins() {
    return as_transaction([&] { return hot_.lease()->exec(sql::mailbox_probe, pg::Params{}).rows(); });
}

int EmailQueueStore::release_held(int emails_max) {
    return as_transaction([&] {
        const auto connection = hot_.lease();
        const auto result = connection->exec(sql::release_held, pg::Params{held_after_at_, held_after_id_, emails_max});
        const bool page_full = result.get<std::int32_t>(0, 1) == emails_max;
        held_after_at_ = page_full ? result.get<TimePoint>(0, 2) : TimePoint{};
        held_after_id_ = page_full ? result.get<Uuid>(0, 3) : Uuid{};
        return result.get<std::int32_t>(0, 0);
    });
}

std::vector<domain::StepCompleted> EmailQueueStore::stranded(Duration age, int enrollments_max) {
    return as_transaction([&] {
        const auto connection = hot_.lease();
        const auto result =
            connection->exec(sql::stranded_enrollments, pg::Params{stranded_after_, age, enrollments_max});
        std::vector<domain::StepCompleted> found;
        for (int row = 0; row < result.rows(); ++row) {
            if (result.null(row, 2)) continue;
            found.push_back(
                {result.get<EnrollmentId>(row, 2), result.get<EmailId>(row, 3), result.get<std::int32_t>(row, 4)});
        }
        const bool page_full = result.get<std::int32_t>(0, 1) == enrollments_max;
        stranded_after_ = page_full ? result.get<Uuid>(0, 0) : Uuid{};
        return found;
    });
}

void EmailQueueStore::tidy_partitions(int days_ahead, Duration keep) {
    as_transaction([&] {
        const auto connection = hot_.lease();
        connection->exec(sql::ensure_partitions, pg::Params{days_ahead});
        connection->exec(sql::drop_partitions, pg::Params{keep});
    });
}

}  // namespace sequitur::store
