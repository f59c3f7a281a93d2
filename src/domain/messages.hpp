// The records on the bus: versioned JSON that carries ids, never addresses, texts or credentials.
//
// Whatever a decoder refuses is poison and goes to `<topic>.dlq` with the reason; nothing here
// trusts its input. Field names: protocol §6.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace sequitur::domain {

namespace topics {
constexpr std::string_view email_jobs = "email-jobs";
constexpr std::string_view followup_events = "followup-events";
constexpr std::string_view email_retries = "email-retries";
constexpr std::string_view email_events = "email-events";
constexpr std::string_view all[] = {email_jobs, followup_events, email_retries, email_events};
/// "email-jobs" → "email-jobs.dlq".
std::string dead_letters(std::string_view topic);
}  // namespace topics

namespace groups {
constexpr std::string_view sender = "sender";
constexpr std::string_view followup = "followup";
constexpr std::string_view retry = "retry";
constexpr std::string_view recorder = "recorder";
}  // namespace groups

constexpr int batch_emails_max = 50;
constexpr std::size_t record_bytes_max = 1'000'000;
constexpr int record_depth_max = 32;

struct JobEmail {
    EmailId email_queue_id;
    EnrollmentId sequence_contact_id;
    MailboxId mailbox_id;
    int step_order = 0;
};
/// email-jobs. The record's id is the batch id.
struct EmailJobs {
    BatchId batch_id;
    TimePoint produced_at;
    std::vector<JobEmail> emails;
};

struct StepCompleted {
    EnrollmentId sequence_contact_id;
    EmailId email_queue_id;
    int step_completed = 0;
};
/// followup-events.
struct FollowupEvents {
    Uuid id;
    TimePoint at;
    std::vector<StepCompleted> completed;
};

struct EmailRetry {
    EmailId email_queue_id;
    std::int64_t epoch = 0;
    int retry_count = 0;
    TimePoint next_retry_at;  ///< zero where there is no next time
};
/// email-retries.
struct EmailRetries {
    Uuid id;
    TimePoint at;
    std::vector<EmailRetry> retries;
};

struct EmailEvent {
    EventId id;
    std::string type;
    EmailId email_queue_id;
    TimePoint at;
    bool recorded = false;  ///< the row exists already: the recorder skips it
    std::string data;       ///< a JSON object
};
/// email-events.
struct EmailEvents {
    Uuid id;
    TimePoint at;
    std::vector<EmailEvent> events;
};

std::string encode(const EmailJobs&);
std::string encode(const FollowupEvents&);
std::string encode(const EmailRetries&);
std::string encode(const EmailEvents&);

/// Why a record can not be read, in words for the dead letter.
struct Poison {
    std::string reason;
};

/// `id` is the record's id on the bus, `now` guards against ids far from now (more than `id_skew_max`).
constexpr Duration id_skew_max = std::chrono::days{30};
std::variant<EmailJobs, Poison> decode_email_jobs(std::string_view payload, TimePoint now);
std::variant<FollowupEvents, Poison> decode_followup_events(std::string_view payload, TimePoint now);
std::variant<EmailRetries, Poison> decode_email_retries(std::string_view payload, TimePoint now);
std::variant<EmailEvents, Poison> decode_email_events(std::string_view payload, TimePoint now);

/// RFC 3339 in UTC with microseconds; nullopt for anything else.
std::string rfc3339(TimePoint at);
std::optional<TimePoint> parse_rfc3339(std::string_view text);

}  // namespace sequitur::domain
