// The SMTP transport: lanes on a few event loops. See domain/ports/mail_transport.hpp for what it promises.
//
// A mailbox always lives on the same thread, so nothing of a conversation is locked. Ending it ends
// every delivery; one whose dot left is then Broken{dot}.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/guarded.hpp"
#include "domain/ports/mail_transport.hpp"
#include "mail/event_loop.hpp"
#include "mail/smtp_lane.hpp"

namespace sequitur::mail {

/// Thread-safe. Borrows listener and clock.
class SmtpTransport final : public domain::MailTransport {
public:
    /// Throws std::runtime_error when the certificates can not be read. Borrows `tokens`, and stops it at the end.
    SmtpTransport(SmtpOptions options, domain::DeliveryListener& listener, const Clock& clock,
                  domain::TokenSource* tokens = nullptr);
    ~SmtpTransport() override;
    SmtpTransport(const SmtpTransport&) = delete;
    SmtpTransport& operator=(const SmtpTransport&) = delete;

    void start(domain::Delivery delivery) override;
    void proceed(const domain::DeliveryKey& key) override;
    void abandon(const domain::DeliveryKey& key) override;
    void drain() override;
    std::size_t in_flight() const override;
    /// Connections open now, idle ones included.
    std::size_t connections() const;

private:
    /// What other threads want of a loop; it comes for all of it at once, in this order: what has started may be
    /// proceeded with.
    struct Orders {
        Deliveries start;
        std::vector<domain::DeliveryKey> proceed;
        std::vector<domain::DeliveryKey> abandon;
        bool empty() const { return start.empty() && proceed.empty() && abandon.empty(); }
    };
    struct Loop {
        explicit Loop(SmtpTransport& transport);
        void run_orders();
        void start(Deliveries one);
        void tick();
        void arm();
        SmtpLane* lane(const MailboxId& mailbox);

        SmtpTransport& transport;
        SmtpLane::Callbacks callbacks;
        Guarded<Orders> orders;
        EventLoop events;
        bool ticking = false;
        bool draining = false;
        std::atomic<std::size_t> lanes_count{0};
        std::unordered_map<MailboxId, std::unique_ptr<SmtpLane>> lanes;
        std::thread thread;
    };
    Loop& loop_of(const MailboxId& mailbox);
    void order(const MailboxId& mailbox, auto&& add);
    void done(const domain::DeliveryKey& key, const domain::SendOutcome& outcome, const domain::Written& written);

    SmtpOptions options_;
    domain::DeliveryListener& listener_;
    const Clock& clock_;
    Resolver resolver_;
    std::unique_ptr<TlsContext> tls_;
    ConnectionShared shared_;
    std::atomic<std::size_t> in_flight_{0};
    std::vector<std::unique_ptr<Loop>> loops_;  // last: their threads use the rest
};

}  // namespace sequitur::mail
