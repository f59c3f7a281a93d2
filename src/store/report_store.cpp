#include "store/report_store.hpp"

#include "store/sql.hpp"
#include "store/translate.hpp"

namespace sequitur::store {

std::optional<std::vector<domain::LinkClicks>> ReportStore::links(const SequenceId& sequence, int rows_max) {
    return translated([&]() -> std::optional<std::vector<domain::LinkClicks>> {
        const auto connection = pool_.lease();
        if (connection->exec(sql::sequence_status, pg::Params{sequence}).empty()) return std::nullopt;
        const auto result = connection->exec(sql::report_links, pg::Params{sequence, rows_max});
        std::vector<domain::LinkClicks> all;
        for (int i = 0; i < result.rows(); ++i) {
            auto row = result.row(i);
            auto& clicks = all.emplace_back();
            clicks.step_order = row.next<int>();
            clicks.link = row.next<int>();
            clicks.url = row.next<std::string>();
            clicks.human = row.next<std::int64_t>();
            clicks.proxy = row.next<std::int64_t>();
            clicks.machine = row.next<std::int64_t>();
            clicks.people = row.next<std::int64_t>();
        }
        return all;
    });
}

}  // namespace sequitur::store
