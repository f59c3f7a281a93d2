// The one writer of a sender process: permits and outcomes of all sessions, back to back in one transaction.
//
// A batch is what gathered while the last commit ran, and while more keeps coming: the writer lingers in steps of
// `gather` until a step brings nothing new, so that one row does not wait and many share a commit. A permit holds its
// mailbox's connection up and an outcome nobody: while permits come, outcomes wait for more of them (decision 0051).
// When the database can not be reached the batch waits and is asked again as a repeated one: no permit, no dot, so
// nothing is sent that could not be recorded. A batch that is refused is halved until the bad row stands alone; that
// row is logged and left to its lease.
#pragma once

#include <optional>

#include "base/guarded.hpp"
#include "domain/ports/email_queue.hpp"
#include "workers/outage.hpp"
#include "workers/worker.hpp"

namespace sequitur::workers {

/// Called from the writer's thread; must not block.
class PermitListener {
public:
    virtual ~PermitListener() = default;
    virtual void permitted(const domain::PermitRequest& permit) = 0;
    /// The row has moved on already.
    virtual void refused(const domain::PermitRequest& permit) = 0;
};

struct WriterConfig {
    Duration gather = std::chrono::milliseconds{2};
    Duration gather_max = std::chrono::milliseconds{14};
    std::size_t permits_enough = 180;  ///< with so many nothing lingers
    Duration outcomes_wait = std::chrono::milliseconds{50};  ///< the longest, for more of them, while permits come
    std::size_t rows_max = 1'500;  ///< of a kind, a transaction

    /// Throws std::invalid_argument that names the setting.
    void check() const;
};

/// ask() and record() are thread-safe. stop() does not wait for what is not written: call drain() first.
class OutcomeWriter final : public Worker {
public:
    OutcomeWriter(domain::EmailQueue& queue, PermitListener& listener, Doorbell& producer_bell, Doorbell& relay_bell,
                  WriterConfig config, Surroundings surroundings);
    ~OutcomeWriter() override { stop(); }

    void ask(const domain::PermitRequest& permit);
    void record(domain::Outcome outcome);
    void report(domain::MailboxTrouble trouble);

    /// Nothing waits and nothing is being written.
    bool idle() const;

    /// Writes what has gathered; returns how many rows. Throws StoreUnavailable, and then keeps them.
    std::size_t run_once();

private:
    Duration step(const std::stop_token& stop) override;
    void linger(const std::stop_token& stop);
    void gather();
    void write(const domain::Flush& flush);
    void write_halves(const domain::Flush& flush, const std::exception& error);
    void give_up(const domain::Flush& flush, const std::exception& error);
    void tell(const domain::Flush& flush, const domain::Flushed& flushed);

    struct Waiting {
        domain::Flush flush;
        bool writing = false;
        SteadyTime outcomes_since;  ///< since when the oldest of them waits
    };
    bool takes_outcomes(const Waiting& waiting) const;

    domain::EmailQueue& queue_;
    PermitListener& listener_;
    Doorbell bell_;
    Doorbell& producer_bell_;
    Doorbell& relay_bell_;
    const WriterConfig config_;
    Guarded<Waiting> waiting_;
    std::optional<domain::Flush> unwritten_;  ///< taken but not known to be committed; the writer's thread only

    metrics::Counter& permits_granted_;
    metrics::Counter& permits_refused_;
    metrics::Counter& duplicates_prevented_;
    metrics::Histogram& flush_rows_;
};

}  // namespace sequitur::workers
