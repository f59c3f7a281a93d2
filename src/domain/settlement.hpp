// From a verdict to the row: what becomes of an email after one try.
//
// Pure. Only recipient-class failures count as tries; the mailbox's own failures leave the email as it was.
// Source: protocol §1, docs/decisions/0008-what-a-reply-means.md.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/delivery.hpp"
#include "domain/email_status.hpp"
#include "domain/retry.hpp"

namespace sequitur::domain {

/// What follows from who is at fault. The mailbox's part stands in the verdict.
struct Consequence {
    Blame blame{};
    EmailStatus mail{};          ///< what the row becomes
    bool counts = false;         ///< as one of the mail's tries
    std::string_view event;      ///< of the row in `email_events`; empty: nothing worth a row happened
    std::string_view reason;     ///< of the row; empty: none, or (where the mail is tried again) the verdict's own
    std::string_view enrolment;  ///< what becomes of it
    std::string_view contact;
    std::string_view next_try;
};
std::span<const Consequence> consequences();

struct Settlement {
    EmailStatus status = EmailStatus::scheduled;
    std::string event_type;               ///< of the row in `email_events`; empty: nothing worth a row happened
    std::optional<std::string> reason;    ///< of the row
    std::optional<Duration> next_try_in;  ///< with `failed`; unset: there is no next try, the retry rule ends it

    bool operator==(const Settlement&) const = default;
};

/// `retry_count` and `max_retries` as they stood when the email was claimed.
Settlement settle(const Verdict& verdict, const EmailId& email, int retry_count, int max_retries,
                  const RetryPolicy& policy);

}  // namespace sequitur::domain
