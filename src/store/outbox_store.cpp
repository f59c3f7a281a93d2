#include "store/outbox_store.hpp"

#include "store/hot_settings.hpp"
#include "store/sql.hpp"
#include "store/translate.hpp"

namespace sequitur::store {

namespace {

/// A mark lost in a crash of the server is a record published twice, which its consumers swallow.
std::vector<std::string> relay_settings() {
    auto settings = hot_settings();
    settings.emplace_back("SET synchronous_commit = off");
    return settings;
}

}  // namespace

OutboxStore::OutboxStore(std::string database_url) : database_url_(std::move(database_url)) {}

std::vector<domain::Outbox::Record> OutboxStore::take(int records_max) {
    return translated([&] {
        release();
        if (!connection_) connection_.emplace(database_url_, relay_settings());
        if (!connection_->healthy()) connection_->reconnect();
        transaction_.emplace(*connection_);
        const auto result = connection_->exec(sql::outbox_take, pg::Params{records_max});
        std::vector<Record> records;
        for (int number = 0; number < result.rows(); ++number) {
            auto row = result.row(number);
            auto& record = records.emplace_back();
            record.id = row.next<Uuid>();
            record.topic = row.next<std::string>();
            record.slot = row.next<std::int16_t>();
            record.payload = row.next<std::string>();
            taken_.push_back(record.id);
        }
        if (records.empty()) release();
        return records;
    });
}

void OutboxStore::mark_published() {
    translated([&] {
        if (!transaction_) return;
        connection_->exec(sql::outbox_mark, pg::Params{taken_});
        transaction_->commit();
        release();
    });
}

void OutboxStore::release() {
    transaction_.reset();
    taken_.clear();
}

}  // namespace sequitur::store
