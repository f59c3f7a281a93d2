#include "store/opt_out_store.hpp"

#include "base/fault.hpp"
#include "pg/with_retry.hpp"
#include "store/sql.hpp"
#include "store/stop_people.hpp"
#include "store/translate.hpp"

namespace sequitur::store {

namespace {

std::optional<domain::OptOutState> state_of(const pg::Result& result) {
    if (result.empty()) return std::nullopt;
    return domain::OptOutState{result.get<std::string>(0, 0), result.get<bool>(0, 1)};
}

}  // namespace

std::optional<domain::OptOutState> OptOutStore::look(const EmailId& email) {
    return as_transaction([&] { return state_of(pool_.lease()->exec(sql::opt_out_look, pg::Params{email})); });
}

std::optional<domain::OptOutDone> OptOutStore::opt_out(const EmailId& email, const std::string& via) {
    constexpr int deadlock_tries_max = 5;
    return translated([&]() -> std::optional<domain::OptOutDone> {
        const auto connection = pool_.lease();
        const auto first =
            pg::with_retry(deadlock_tries_max, [&] { return connection->exec(sql::opt_out, pg::Params{email, via}); });
        if (first.empty()) return std::nullopt;
        fault::point("stop.between_transactions");
        domain::OptOutDone done{
            .address = first.get<std::string>(0, 1), .repeated = !first.get<bool>(0, 2), .receipt = {}};
        done.receipt.status = "unsubscribed";
        // Even where it was said before: then this finishes what a crash cut off.
        const People person{{"unsubscribed", {first.get<ContactId>(0, 0)}}};
        const auto entries = connection->exec(sql::suppressions_of_contacts, pg::Params{person.begin()->second});
        stop_mail_of(*connection, person, entries.column<SuppressionId>(0), done.receipt);
        return done;
    });
}

std::optional<domain::OptOutState> OptOutStore::undo(const EmailId& email) {
    return as_transaction([&] { return state_of(pool_.lease()->exec(sql::opt_out_undo, pg::Params{email})); });
}

}  // namespace sequitur::store
