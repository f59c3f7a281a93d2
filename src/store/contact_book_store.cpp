#include "store/contact_book_store.hpp"

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
constexpr std::string_view over = "deleted";

domain::ContactView view_of(pg::Row row) {
    domain::ContactView view;
    view.id = row.next<ContactId>();
    view.email = row.next<std::string>();
    view.first_name = row.next<std::optional<std::string>>();
    view.last_name = row.next<std::optional<std::string>>();
    view.company = row.next<std::optional<std::string>>();
    view.phone = row.next<std::optional<std::string>>();
    view.timezone = row.next<std::optional<std::string>>();
    view.attributes = row.next<std::string>();
    view.do_not_track = row.next<bool>();
    view.status = row.next<std::string>();
    view.created_at = row.next<TimePoint>();
    view.updated_at = row.next<TimePoint>();
    return view;
}

std::vector<domain::ContactView> views(pg::Connection& connection, std::optional<ContactId> only,
                                       const std::optional<std::string>& email, std::optional<ContactId> after,
                                       int limit) {
    // Unprepared, so that the plan is made for the filters that are given.
    const auto result = connection.query(sql::contacts_page.text, pg::Params{only, email, after, limit});
    std::vector<domain::ContactView> all;
    for (int row = 0; row < result.rows(); ++row) all.push_back(view_of(result.row(row)));
    return all;
}

std::optional<domain::ContactView> one(pg::Connection& connection, const ContactId& id) {
    auto found = views(connection, id, std::nullopt, std::nullopt, 1);
    return found.empty() ? std::nullopt : std::optional{std::move(found.front())};
}

}  // namespace

std::vector<domain::ContactView> ContactBookStore::list(const std::optional<std::string>& email,
                                                        std::optional<ContactId> after, int limit) {
    return translated([&] { return views(*pool_.lease(), std::nullopt, email, after, limit); });
}

std::optional<domain::ContactView> ContactBookStore::find(const ContactId& id) {
    return translated([&] { return one(*pool_.lease(), id); });
}

std::optional<domain::ContactView> ContactBookStore::patch(const ContactId& id, const domain::ContactPatch& patch) {
    return translated([&] {
        const auto connection = pool_.lease();
        connection->exec(sql::contact_patch,
                         pg::Params{id, patch.first_name, patch.last_name, patch.company, patch.phone, patch.timezone,
                                    patch.attributes, patch.do_not_track});
        return one(*connection, id);
    });
}

bool ContactBookStore::begin_removal(pg::Connection& connection, const ContactId& id, Removal removal) const {
    pg::Transaction transaction{connection};
    const auto deleted = connection.exec(sql::contact_delete, pg::Params{id});
    if (deleted.empty()) return false;
    if (removal == Removal::erased)
        connection.exec(sql::contact_erase, pg::Params{id, hash_.of(deleted.get<std::string>(0, 0))});
    connection.exec(sql::stop_contacts, pg::Params{std::vector{id}, over});
    transaction.commit();
    return true;
}

std::optional<domain::StopReceipt> ContactBookStore::remove(const ContactId& id, Removal removal) {
    return translated([&]() -> std::optional<domain::StopReceipt> {
        const auto connection = pool_.lease();
        const bool found = pg::with_retry(deadlock_tries_max, [&] { return begin_removal(*connection, id, removal); });
        if (!found) return std::nullopt;
        fault::point("stop.between_transactions");
        domain::StopReceipt receipt;
        receipt.status = removal == Removal::erased ? "erased" : "deleted";
        stop_mail_of(*connection, {{std::string{over}, {id}}}, {}, receipt);
        if (removal == Removal::erased)
            pg::with_retry(deadlock_tries_max, [&] { connection->exec(sql::contact_scrub, pg::Params{id}); });
        log::info("contact removed", {{"contact", id.text()}, {"how", receipt.status}});
        return receipt;
    });
}

}  // namespace sequitur::store
