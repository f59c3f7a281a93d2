#include "domain/settlement.hpp"

#include <array>
#include <cassert>

namespace sequitur::domain {

namespace {

using enum EmailStatus;

// In the order of Blame. An enrolment and a contact are moved by end_failed_enrollments.sql, by the row's reason.
constexpr std::array table{
    Consequence{Blame::none, sent, false, "sent", "", "goes on", "stays", "none"},
    Consequence{Blame::recipient_temporary, failed, true, "deferred", "", "waits", "stays",
                "after 1 h, then 2 h (± 20 %); the third failure ends it, enrolment `stopped`"},
    Consequence{Blame::recipient_hard, permanent_failure, true, "bounced", "bounced", "`bounced`",
                "`bounced`, address suppressed", "none"},
    Consequence{Blame::mailbox, scheduled, false, "deferred", "", "waits", "stays", "when the mailbox sends again"},
    Consequence{Blame::blocked, permanent_failure, true, "failed", "blocked", "`stopped`", "stays", "none"},
    Consequence{Blame::content, permanent_failure, true, "failed", "content", "`stopped`", "stays", "none"},
    Consequence{Blame::unknown, unknown, false, "unknown", "no_answer", "waits", "stays",
                "never; `assumed_sent` after 24 h, or what evidence says"},
    Consequence{Blame::abandoned, scheduled, false, "", "", "waits", "stays",
                "at once, when nothing stands against it"},
};

const Consequence& consequence_of(Blame blame) {
    const auto& found = table.at(static_cast<std::size_t>(blame));
    assert(found.blame == blame);
    return found;
}

std::optional<std::string> unless_empty(std::string_view text) {
    return text.empty() ? std::optional<std::string>{} : std::string{text};
}

}  // namespace

std::span<const Consequence> consequences() { return table; }

Settlement settle(const Verdict& verdict, const EmailId& email, int retry_count, int max_retries,
                  const RetryPolicy& policy) {
    const auto& rule = consequence_of(verdict.blame);
    Settlement settled{rule.mail, std::string{rule.event}, unless_empty(rule.reason), {}};
    if (rule.mail != failed) return settled;
    settled.reason = verdict.reason;
    settled.next_try_in = retry_delay(email, retry_count + 1, max_retries, policy);
    if (!settled.next_try_in) settled.event_type = "failed";
    return settled;
}

}  // namespace sequitur::domain
