// A lane: the deliveries of one mailbox, one after another over one connection that is kept for the
// next. When the mailbox itself is refused, everything that waits ends with it: no hammering.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>

#include "mail/smtp_connection.hpp"

namespace sequitur::mail {

/// Lists: a delivery goes from one to the next without being copied.
using Deliveries = std::list<domain::Delivery>;

/// Used by its loop's thread only.
class SmtpLane final : public ConnectionOwner {
public:
    using Done = std::function<void(const domain::DeliveryKey&, const domain::SendOutcome&, const domain::Written&)>;
    using Ready = std::function<void(const domain::DeliveryKey&)>;
    using Message = std::function<std::optional<std::string>(const domain::DeliveryKey&)>;
    /// Shared by the lanes of a loop.
    struct Callbacks {
        Message message;
        Ready ready_for_dot;
        Done done;
    };

    SmtpLane(EventLoop& loop, const ConnectionShared& shared, const Callbacks& callbacks)
        : loop_(loop), shared_(shared), callbacks_(callbacks) {}
    ~SmtpLane() override;

    void start(Deliveries one);
    void proceed(const domain::DeliveryKey& key);
    void abandon(const domain::DeliveryKey& key);
    /// Ends what has no permit; closes an idle connection.
    void drain();
    /// Ends everything at once; a delivery whose dot left has no answer.
    void end();
    void tick(SteadyTime now);
    /// Neither work nor connection.
    bool is_empty() const { return !current_ && waiting_.empty() && !connection_; }

private:
    void on_ready() override;
    void on_data_ok() override;
    void on_ready_for_dot() override;
    void on_finished(domain::SendOutcome outcome, bool dot_written) override;
    void on_closed(const domain::SendOutcome& outcome) override;

    void advance();
    void connect();
    void begin();
    bool write_next();
    void chain_next();
    bool supply_again();
    void use_permit();
    bool may_take(const domain::Delivery& delivery) const;
    void abandon_current(std::string_view reason);
    void end_current(const domain::SendOutcome& outcome, bool dot_written);
    void end_waiting(const domain::SendOutcome& outcome);
    void end_expired(SteadyTime now);
    void skip_expired();
    void forget_messages(SteadyTime now);
    WrittenMail write(const domain::DeliveryKey& key);
    void hash_both();
    bool renews_token(const domain::SendOutcome& outcome, const Secret& token);
    bool is_stale_connection(const domain::SendOutcome& outcome) const;
    void leave_connection();

    EventLoop& loop_;
    const ConnectionShared& shared_;
    const Callbacks& callbacks_;
    Deliveries waiting_;
    SteadyTime expires_at_ = SteadyTime::max();  ///< before it, the time of none that waits is over
    std::optional<domain::Delivery> current_;
    WrittenMail written_;  ///< the current one, while some of it is not on the wire
    SteadyTime written_at_;
    /// The one after it: its beginning may be behind the dot already.
    struct Next {
        domain::DeliveryKey key;
        WrittenMail written;
    };
    std::optional<Next> next_;  ///< written at the same time or later
    bool permit_asked_ = false;
    bool permitted_ = false;
    SteadyTime permitted_at_;
    bool held_ = false;  ///< when the permit was asked, nothing of the body was on the wire
    bool reconnected_ = false;
    bool began_chained_ = false;
    Secret refused_token_;           ///< another one is asked for, once
    bool was_ready_ = false;  ///< this connection has reached the point where mail can be sent
    std::shared_ptr<SmtpConnection> connection_;  // last: it calls back
};

}  // namespace sequitur::mail
