#include "store/suppression_store.hpp"

#include <algorithm>
#include <set>

#include "base/fault.hpp"
#include "base/log.hpp"
#include "pg/transaction.hpp"
#include "pg/with_retry.hpp"
#include "store/sql.hpp"
#include "store/stop_people.hpp"
#include "store/translate.hpp"

namespace sequitur::store {

namespace {

constexpr int deadlock_tries_max = 5;

/// Entries as arrays, each named thing once: the strongest word about it counts.
struct EntryColumns {
    explicit EntryColumns(std::vector<domain::NewSuppression> entries, TimePoint now) {
        std::ranges::stable_sort(entries, std::greater{}, says_no);
        std::set<domain::Suppressed> seen;
        for (auto& entry : entries) {
            if (!seen.insert(entry.what).second) continue;
            ids.push_back(SuppressionId::make(now));
            kinds.push_back(std::move(entry.what.kind));
            values.push_back(std::move(entry.what.value));
            reasons.push_back(std::move(entry.reason));
            notes.push_back(std::move(entry.note));
        }
        std::ranges::sort(ids);  // in order, so that the index grows at its end
    }
    static bool says_no(const domain::NewSuppression& entry) {
        return entry.reason == "unsubscribed" || entry.reason == "complained";
    }

    std::vector<SuppressionId> ids;
    std::vector<std::string> kinds, values, reasons;
    std::vector<std::optional<std::string>> notes;
};

domain::SuppressionView view_of(pg::Row row) {
    domain::SuppressionView view;
    view.id = row.next<SuppressionId>();
    view.kind = row.next<std::string>();
    view.value = row.next<std::string>();
    view.reason = row.next<std::string>();
    view.note = row.next<std::optional<std::string>>();
    view.email = row.next<std::optional<EmailId>>();
    view.created_at = row.next<TimePoint>();
    return view;
}

std::vector<domain::SuppressionView> views(const pg::Result& result) {
    std::vector<domain::SuppressionView> all;
    for (int row = 0; row < result.rows(); ++row) all.push_back(view_of(result.row(row)));
    return all;
}

std::optional<domain::SuppressionView> first_of(const pg::Result& result) {
    return result.empty() ? std::nullopt : std::optional{view_of(result.row(0))};
}

struct FirstTransaction {
    std::int64_t added = 0;
    std::vector<SuppressionId> entries;  ///< of all that was asked for, those that were there before too
    People people;
};

FirstTransaction add_once(pg::Connection& connection, const EntryColumns& c) {
    pg::Transaction transaction{connection};
    FirstTransaction done;
    const auto news = connection.exec(sql::suppressions_add, pg::Params{c.ids, c.kinds, c.values, c.reasons, c.notes});
    done.added = news.rows();
    connection.exec(sql::suppressions_mark, pg::Params{news.column<SuppressionId>(0)});
    done.entries = connection.exec(sql::suppressions_ids, pg::Params{c.kinds, c.values}).column<SuppressionId>(0);
    done.people = people_of(connection, done.entries);
    end_enrollments(connection, done.people);
    transaction.commit();
    return done;
}

}  // namespace

domain::Suppressions::Added SuppressionStore::add(const std::vector<domain::NewSuppression>& suppressions) {
    return translated([&] {
        const EntryColumns columns{suppressions, clock_.now()};
        const auto connection = pool_.lease();
        const auto first = pg::with_retry(deadlock_tries_max, [&] { return add_once(*connection, columns); });
        fault::point("stop.between_transactions");
        Added added{.added = first.added,
                    .skipped = static_cast<std::int64_t>(suppressions.size()) - first.added,
                    .receipt = {}};
        added.receipt.status = "suppressed";
        // Even for what was there before: then this finishes what a crash cut off.
        stop_mail_of(*connection, first.people, first.entries, added.receipt);
        return added;
    });
}

std::vector<domain::SuppressionView> SuppressionStore::list(std::optional<std::string> reason,
                                                            std::optional<SuppressionId> after, int limit) {
    // Unprepared, so that the plan is made for the filters that are given.
    return translated([&] {
        constexpr std::optional<SuppressionId> any;
        return views(pool_.lease()->query(sql::suppressions_page.text, pg::Params{any, after, reason, limit}));
    });
}

std::optional<domain::SuppressionView> SuppressionStore::find(const SuppressionId& id) {
    return translated([&] {
        constexpr std::optional<SuppressionId> from_the_first;
        constexpr std::optional<std::string> any;
        return first_of(
            pool_.lease()->query(sql::suppressions_page.text, pg::Params{std::optional{id}, from_the_first, any, 1}));
    });
}

std::optional<domain::SuppressionView> SuppressionStore::check(const std::string& address) {
    return translated(
        [&] { return first_of(pool_.lease()->exec(sql::suppressions_check, pg::Params{address, hash_.of(address)})); });
}

domain::Suppressions::Removed SuppressionStore::remove(const SuppressionId& id, bool force,
                                                       const std::optional<std::string>& why) {
    return translated([&] {
        const auto result = pool_.lease()->exec(sql::suppression_remove, pg::Params{id, force, why});
        if (result.get<int>(0, 0) == 0) return Removed::no_such;
        if (result.get<int>(0, 1) == 0) return Removed::needs_force;
        log::info("suppression removed", {{"suppression", id.text()}, {"why", why.value_or("")}});
        return Removed::gone;
    });
}

}  // namespace sequitur::store
