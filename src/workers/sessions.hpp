// The emails that are on their way: between the claim and the outcome, in memory of one process.
//
// A session ends exactly once, by the transport's `done`. Its row may have moved on before (no permit): then there
// is nothing to write. What is lost with the process is settled by the lease.
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <vector>

#include "base/guarded.hpp"
#include "domain/ports/mail_transport.hpp"
#include "domain/retry.hpp"
#include "workers/letters.hpp"
#include "workers/outcome_writer.hpp"

namespace sequitur::workers {

struct SenderConfig {
    Duration lease = std::chrono::minutes{20};
    std::size_t in_flight_max = 10'000;  ///< emails claimed and not finished, in this process
    std::size_t records_max = 20;        ///< a claim
    domain::RetryPolicy retry;
    domain::RestPolicy rest;
    std::string worker;  ///< host and process, for the events

    /// Places, in records, that a full sender waits for: a claim of few emails costs each of them more.
    std::size_t worth_a_claim() const {
        return std::clamp<std::size_t>(in_flight_max / domain::batch_emails_max / 8, 1, records_max);
    }
    Duration budget_before_dot() const { return lease * 8 / 20; }
    Duration dot_timeout() const { return std::min<Duration>(std::chrono::seconds{600}, lease / 2); }
    /// Throws std::invalid_argument that names the setting.
    void check() const;
};

/// What the email processor does with the ends of sessions. Thread-safe; called by the transport and the writer.
class Sessions final : public domain::DeliveryListener, public PermitListener {
public:
    Sessions(SenderConfig config, const Clock& clock, metrics::Registry& registry);

    /// Before anything begins: both can only be made after their listener.
    void attach(domain::MailTransport& transport, OutcomeWriter& writer);

    void begin(domain::ClaimedEmail&& email, Draft draft, SteadyTime claim_asked_at);
    /// It can not be written as it is: a person must do something first.
    void hold(const domain::ClaimedEmail& email, const Unwritable& why);
    /// Its mailbox can not be used by this process: back to the schedule, and the mailbox waits for a person.
    void end_without_account(const domain::ClaimedEmail& email);

    std::optional<std::string> message(const domain::DeliveryKey& key) override;
    void ready_for_dot(const domain::DeliveryKey& key) override;
    void done(const domain::DeliveryKey& key, const domain::SendOutcome& outcome,
              const domain::Written& written) override;
    void permitted(const domain::PermitRequest& permit) override;
    void refused(const domain::PermitRequest& permit) override;

    std::size_t open() const;

private:
    struct Session {
        domain::ClaimedEmail email;
        Draft draft;
        SteadyTime claim_asked_at;
        std::string subject{};
        std::optional<Unwritable> unwritable{};
        bool refused = false;  ///< no permit: its row has moved on already
    };
    struct KeyHash {
        using is_avalanching = void;  ///< half of an id is random
        std::size_t operator()(const domain::DeliveryKey& key) const noexcept {
            return std::hash<EmailId>{}(key.email);
        }
    };

    domain::Outcome outcome_of(Session& session, const domain::Verdict& verdict, const domain::SendOutcome& outcome,
                               std::string_view sha256) const;

    domain::MailTransport* transport_ = nullptr;
    OutcomeWriter* writer_ = nullptr;
    const SenderConfig config_;
    const Clock& clock_;
    /// Thousands are in it, on their way through the caches three times each: a search ends at the key it looks for.
    Guarded<boost::unordered_flat_map<domain::DeliveryKey, std::unique_ptr<Session>, KeyHash>> sessions_;
    std::vector<metrics::Counter*> attempts_;  ///< by Blame
};

}  // namespace sequitur::workers
