#include "store/stop_emails.hpp"

#include <algorithm>

#include "pg/with_retry.hpp"
#include "store/sql.hpp"

namespace sequitur::store {

namespace {

constexpr std::size_t chunk_emails_max = 5'000;
constexpr int deadlock_tries_max = 5;

std::string_view name(StopTarget target) {
    switch (target) {
        case StopTarget::held: return "held";
        case StopTarget::cancelled: return "cancelled";
        case StopTarget::scheduled: return "scheduled";
    }
    return {};
}

std::int64_t& moved_count(StopTarget target, domain::StopReceipt& receipt) {
    switch (target) {
        case StopTarget::held: return receipt.held;
        case StopTarget::cancelled: return receipt.cancelled;
        case StopTarget::scheduled: break;
    }
    return receipt.rescheduled;
}

template <class Use> void in_chunks(const std::vector<EmailId>& emails, const Use& use) {
    for (std::size_t from = 0; from < emails.size(); from += chunk_emails_max) {
        const auto first = emails.begin() + static_cast<std::ptrdiff_t>(from);
        const auto count = std::min(chunk_emails_max, emails.size() - from);
        use(std::vector<EmailId>{first, first + static_cast<std::ptrdiff_t>(count)});
    }
}

}  // namespace

void stop_emails(pg::Connection& connection, const std::vector<EmailId>& emails, StopTarget target,
                 std::string_view reason, domain::StopReceipt& receipt, std::optional<TimePoint> since) {
    in_chunks(emails, [&](const std::vector<EmailId>& chunk) {
        const auto result = pg::with_retry(deadlock_tries_max, [&] {
            return connection.exec(sql::stop_emails, pg::Params{chunk, name(target), reason, since});
        });
        for (int row = 0; row < result.rows(); ++row) {
            const auto what = result.get<std::string>(row, 1);
            if (what == "moved") ++moved_count(target, receipt);
            if (what == "stopping") ++receipt.stopping;
            if (what == "leaving") receipt.already_leaving.push_back(result.get<EmailId>(row, 0));
        }
    });
}

std::int64_t resume_emails(pg::Connection& connection, const std::vector<EmailId>& emails) {
    std::int64_t scheduled = 0;
    in_chunks(emails, [&](const std::vector<EmailId>& chunk) {
        const auto result =
            pg::with_retry(deadlock_tries_max, [&] { return connection.exec(sql::resume_emails, pg::Params{chunk}); });
        scheduled += result.get<std::int32_t>(0, 0);
    });
    return scheduled;
}

}  // namespace sequitur::store
