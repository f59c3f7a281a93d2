// The queue of emails: every transition of flows 3 to 6, each method one transaction, each
// transition a compare-and-set. PostgreSQL is the only authority; the bus carries pointers.
//
// Losing a race is a value, not an error: rows that somebody else moved are left out of the answer.
// Every method may be repeated after StoreUnavailable. Thread-safe unless a method says otherwise.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "domain/email_status.hpp"
#include "domain/mailbox_rest.hpp"
#include "domain/messages.hpp"
#include "domain/ports/store_error.hpp"
#include "domain/retry.hpp"

namespace sequitur::domain {

// ---------------------------------------------------------------- flow 3: batch producer

struct ProduceLimits {
    int emails_max = 2'000;       ///< a statement
    int mailboxes_max = 500;      ///< a statement
    bool opens_days = true;       ///< makes today's counter rows first: without one a mailbox has no mail produced
    int ahead = 50;               ///< reserved and unfinished a mailbox; 1 where it has a minimum gap
    Duration check_after{};       ///< when the janitor looks whether a batch is still queued
};
struct Produced {
    int emails = 0;
    int records = 0;
};

// ---------------------------------------------------------------- flow 4: email processor

/// A record of a consumer group, for the inbox `kafka_batches`.
struct InboxEntry {
    Uuid message_id;
    std::string topic;
    int partition = 0;
    std::int64_t offset = 0;
    int email_count = 0;
};

/// An earlier mail of the same enrolment, oldest first: what a follow-up continues.
struct ThreadEntry {
    std::string message_id;  ///< the effective one, with angle brackets
    std::string subject;     ///< as it was sent
    bool is_template = false;  ///< its outcome was lost: `subject` is its step's, not rendered
    EmailId id{};              ///< whose subject is to be rendered again, if so
    int step_order = 0;
};

struct ClaimedEmail {
    EmailId id;
    std::int64_t epoch = 0;
    EnrollmentId enrollment;
    MailboxId mailbox;
    std::int64_t mailbox_version = 0;
    int min_gap_seconds = 0;
    int backoff_count = 0;  ///< of the mailbox
    StepVersionId step_version;
    int step_order = 0;
    int retry_count = 0;
    int max_retries = 0;
    std::chrono::sys_days charged_date{};
    TimePoint first_attempt_at;
    std::string to;
    std::optional<std::string> first_name;
    std::optional<std::string> last_name;
    std::optional<std::string> company;
    std::optional<std::string> phone;
    std::string attributes;  ///< a JSON object
    TimePoint contact_version;  ///< of the contact as it was read; given back where a value of it is missing
    bool tracks_opens = false;   ///< the sequence does, and the person has not refused
    bool tracks_clicks = false;  ///< the same
    std::vector<ThreadEntry> thread;
};

struct ClaimRequest {
    std::vector<EmailId> emails;
    std::vector<InboxEntry> inbox;
    std::string group;
    Duration lease{};
};
struct Claimed {
    std::vector<ClaimedEmail> emails;
    int refused = 0;                ///< moved on instead: paused, over, another day, …
    std::vector<EmailId> missing;   ///< no such row
};

struct StepText {
    StepVersionId id;
    std::string subject;
    std::string content;
    std::optional<std::string> content_text;
};

/// The mailbox is what the asker knows, for whoever gets the answer; it is no part of the question.
struct PermitRequest {
    EmailId id;
    std::int64_t epoch = 0;
    MailboxId mailbox{};

    auto operator<=>(const PermitRequest& other) const {
        return std::tie(id, epoch) <=> std::tie(other.id, other.epoch);
    }
    bool operator==(const PermitRequest& other) const { return id == other.id && epoch == other.epoch; }
};

/// What became of one claimed email. `status` is one of sent, failed, permanent_failure, unknown,
/// scheduled (nothing counted), held.
struct Outcome {
    EmailId id;
    std::int64_t epoch = 0;
    EmailStatus status = EmailStatus::sent;
    std::string event_type;                 ///< of the row in `email_events`; empty: none is written
    std::string event_data = "{}";          ///< a JSON object
    std::optional<std::string> reason;      ///< missing_variable, blocked, content, bounced, …
    std::optional<std::string> error_message;
    std::optional<std::string> subject;     ///< as it was rendered
    std::optional<Duration> next_try_in;    ///< with `failed`: from now, by the database's clock
    std::optional<std::string> effective_message_id{};  ///< with `sent`, where the provider has put in its own
    std::optional<TimePoint> contact_version{};  ///< with held(missing_variable): the contact that was read
    // What the claim told, given back:
    std::chrono::sys_days charged_date{};
    int min_gap_seconds = 0;
    MailboxId mailbox{};
    bool clears_back_off = false;    ///< the mailbox had failed before and works again
    bool is_policy_refusal = false;  ///< counts against mailbox and step
};

/// A mailbox that failed on its own account.
struct MailboxTrouble {
    MailboxId mailbox;
    std::string reason;
    std::string detail;
    MailboxRest rest;
};

struct Flush {
    std::vector<PermitRequest> permits;
    std::vector<Outcome> outcomes;
    std::vector<MailboxTrouble> troubles;
    bool repeated = false;  ///< the same flush was tried before and its end is not known
    bool empty() const { return permits.empty() && outcomes.empty() && troubles.empty(); }
};
struct Flushed {
    std::vector<PermitRequest> granted;  ///< of the permits; all others were refused and their rows moved on
    std::vector<PermitRequest> recorded; ///< of the outcomes; the others were fenced: another epoch owns the row
};

// ---------------------------------------------------------------- flows 5 and 6

struct FollowupsDone {
    int scheduled = 0;
    int held = 0;
    int completed = 0;
    int ignored = 0;                       ///< repeated, late, over
    std::vector<EmailId> missing;          ///< no such row
};
struct RetriesDone {
    int scheduled = 0;
    int permanent = 0;
    int stopped = 0;  ///< held or cancelled: something stands against it
    int ignored = 0;
    std::vector<EmailId> missing;
};

// ---------------------------------------------------------------- janitor

struct Swept {
    int rescheduled = 0;  ///< queued too long, or its lease ran out before the dot
    int unknown = 0;      ///< its lease ran out after the permit
    int stopped = 0;      ///< held or cancelled on the way
};

class EmailQueue {
public:
    virtual ~EmailQueue() = default;

    /// Claims due mail by mailbox, reserves capacity, marks it `queued`, writes `email-jobs` to the outbox.
    virtual Produced produce(const ProduceLimits& limits) = 0;
    /// How long until produce() can find something: a due time, the end of a gap or back-off, a local
    /// midnight. Zero: now. nullopt: nothing is scheduled.
    virtual std::optional<Duration> next_due(const ProduceLimits& limits) = 0;

    virtual Claimed claim(const ClaimRequest& request) = 0;
    virtual std::vector<StepText> step_texts(const std::vector<StepVersionId>& ids) = 0;

    /// Permits and outcomes in one transaction. For the one writer of a process: not thread-safe.
    virtual Flushed flush(const Flush& flush) = 0;

    /// Next steps for completed ones, days of length `day`.
    virtual FollowupsDone schedule_followups(const std::vector<StepCompleted>& completed,
                                             const std::vector<InboxEntry>& inbox, Duration day) = 0;
    /// The retry rule for rows that are `failed` in the named epoch.
    virtual RetriesDone apply_retries(const std::vector<EmailRetry>& retries, const std::vector<InboxEntry>& inbox) = 0;

    /// Expired leases and queued rows that nobody claimed within `queued_after`.
    virtual Swept sweep_batches(Duration queued_after, int batches_max) = 0;
    /// `failed` rows whose retry record never came, older than `age`.
    virtual RetriesDone sweep_failed(Duration age, int emails_max) = 0;
    /// `unknown` rows older than `age` become `assumed_sent`, follow-up included.
    virtual int assume_sent(Duration age, int emails_max) = 0;
    /// Entries of the suppression list older than `age` whose stop act was cut off: it is finished. How many entries.
    virtual int finish_stops(Duration age, int entries_max) = 0;
    /// `held` rows against which nothing stands any more go on. Works in rounds: call it every tick.
    virtual int release_held(int emails_max) = 0;
    /// Active enrolments without an open email whose last one was sent more than `age` ago. In rounds.
    virtual std::vector<StepCompleted> stranded(Duration age, int enrollments_max) = 0;
    /// Mailboxes whose refused login may be tried once more now; returns how many.
    virtual int probe_logins() = 0;
    /// Partitions ahead, old ones dropped.
    virtual void tidy_partitions(int days_ahead, Duration keep) = 0;
};

/// What leaves the outbox. One transaction from read to mark, held by the relay between the two calls.
class Outbox {
public:
    virtual ~Outbox() = default;
    struct Record {
        Uuid id;
        std::string topic;
        int slot = 0;
        std::string payload;
    };
    /// Unpublished records, oldest first, that no other relay has; theirs until mark_published() or
    /// release(). Not thread-safe.
    virtual std::vector<Record> take(int records_max) = 0;
    virtual void mark_published() = 0;
    virtual void release() = 0;
};

}  // namespace sequitur::domain
