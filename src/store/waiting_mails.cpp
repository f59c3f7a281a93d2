#include "store/waiting_mails.hpp"

#include <algorithm>
#include <iterator>

#include "store/sql.hpp"

namespace sequitur::store {

std::vector<std::int64_t> WaitingMails::of(pg::Connection& connection, const std::vector<MailboxId>& mailboxes) {
    const auto now = clock_.steady_now();
    const auto stale = counts_.with([&](const Counts& counts) {
        std::vector<MailboxId> ids;
        std::ranges::copy_if(mailboxes, std::back_inserter(ids), [&](const MailboxId& id) {
            const auto found = counts.find(id);
            return found == counts.end() || now >= found->second.counted_at + fresh;
        });
        return ids;
    });
    if (!stale.empty()) {
        const auto result = connection.exec(sql::mailbox_waiting, pg::Params{stale});
        counts_.with([&](Counts& counts) {
            for (int i = 0; i < result.rows(); ++i)
                counts[result.get<MailboxId>(i, 0)] = {result.get<std::int64_t>(i, 1), now};
        });
    }
    return counts_.with([&](Counts& counts) {
        std::vector<std::int64_t> waiting;
        for (const auto& id : mailboxes) waiting.push_back(counts[id].mails);
        return waiting;
    });
}

void WaitingMails::add(const std::vector<MailboxId>& mailboxes) {
    counts_.with([&](Counts& counts) {
        for (const auto& id : mailboxes) ++counts[id].mails;
    });
}

}  // namespace sequitur::store
