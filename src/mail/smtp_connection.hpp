// One TCP connection to a server, driven by an event loop, with an SmtpSession (and TLS) inside.
//
// Reads and writes are non-blocking and use buffers of the thread, so an idle connection holds no
// buffer. It belongs to one thread; time-outs are found by `tick`, which its lane's loop calls.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <memory>
#include <optional>

#include "domain/ports/token_source.hpp"
#include "mail/event_loop.hpp"
#include "mail/resolver.hpp"
#include "mail/sha256.hpp"
#include "mail/smtp_options.hpp"
#include "mail/smtp_session.hpp"
#include "mail/tls.hpp"

namespace sequitur::mail {

/// Called on the connection's thread. May call begin, proceed, quit and drop from inside.
class ConnectionOwner {
public:
    virtual ~ConnectionOwner() = default;
    virtual void on_ready() = 0;
    /// From here on the message is needed: supply() it if it is gone.
    virtual void on_data_ok() = 0;
    virtual void on_ready_for_dot() = 0;
    /// The mail is over; on_ready or on_closed follows.
    virtual void on_finished(domain::SendOutcome outcome, bool dot_written) = 0;
    /// Of no more use, with no mail under way. `outcome` says why, if it was not for being idle.
    virtual void on_closed(const domain::SendOutcome& outcome) = 0;
};

/// What all connections of a transport share.
struct ConnectionShared {
    const SmtpOptions& options;
    const Clock& clock;
    Resolver& resolver;
    TlsContext& tls;
    domain::TokenSource* tokens;  ///< null: no mailbox logs in by token
};

/// The bytes of a mail, and what is known of them.
struct WrittenMail {
    std::string message;
    bool may_have_dots = true;     ///< a line begins with one; true is always right
    std::optional<Sha256> sha256;  ///< once it is asked for; it outlives the bytes
};

class SmtpConnection final : public SocketWatcher, public std::enable_shared_from_this<SmtpConnection> {
public:
    /// `refused_token`: one that the server did not take before, so another is wanted.
    SmtpConnection(EventLoop& loop, const ConnectionShared& shared, std::shared_ptr<const domain::SmtpAccount> account,
                   ConnectionOwner& owner, Secret refused_token = {});
    ~SmtpConnection() override;
    SmtpConnection(const SmtpConnection&) = delete;
    SmtpConnection& operator=(const SmtpConnection&) = delete;

    /// Every answer comes later, from the loop.
    void open();
    /// `delivery` is borrowed until on_finished or drop, the message until on_ready_for_dot (on_finished
    /// if the body is held) or supply().
    void begin(const domain::Delivery& delivery, const WrittenMail& written);
    void supply(const WrittenMail& written) { session_.supply(written.message, written.may_have_dots); }
    bool is_before_body() const { return session_.is_before_body(); }
    /// The message goes out with the dot: it is needed until on_finished, or to be supplied again before proceed().
    bool holds_body() const { return session_.holds_body(); }
    bool awaits_permit() const { return session_.awaits_permit(); }
    /// Behind the dot of the mail that awaits its permit, the beginning of this one, which must be the next to begin.
    bool chain(const domain::Delivery& next, const WrittenMail& written);
    bool may_chain() const { return session_.may_chain(); }
    /// The dot goes out at the end of the loop's round.
    void proceed();
    /// QUIT without waiting, close, no more callbacks.
    void quit();
    /// Closes at once, no more callbacks.
    void drop();
    void tick(SteadyTime now);

    bool is_ready() const { return stage_ == Stage::talking && session_.is_ready(); }
    bool is_chained() const { return session_.is_chained(); }
    /// Nothing of an end has arrived. For a connection that was idle.
    bool is_alive();
    int mails() const { return mails_; }
    const domain::SmtpAccount& account() const { return *account_; }
    /// That it logged in with; empty where it did so by password.
    const Secret& token() const { return token_; }

private:
    SmtpMail mail_of(const domain::Delivery& delivery, const WrittenMail& written) const;

    enum class Stage { asking_token, resolving, connecting, handshake, talking, closed };

    void on_socket(bool ended) override;
    void on_end_of_round() override { pump(); }
    bool is_plaintext_forbidden() const;
    void ask_token();
    void token_came(const domain::TokenAnswer& answer);
    void resolve();
    void resolved(const ResolveAnswer& answer);
    void connect_next();
    bool connect_to(const boost::asio::ip::address& address);
    void end_socket();
    void connected();
    void start_tls();
    void continue_handshake();
    void fail(domain::SmtpPhase phase, std::string reason, bool needs_a_person = false);
    void pump();
    void handle_events();
    void handle(SmtpEvent event);
    bool flush();
    /// What is written next: a body borrowed from the lane, and what comes behind it.
    struct Block {
        std::string_view body;
        std::string rest;
    };
    bool fill(Block& block);
    void wrote(std::size_t count);
    void encrypt(std::string& block);
    void read_available(bool to_the_end);
    void take(std::string_view bytes);
    bool pass(std::string_view fault_point);
    void renew_deadline();
    Duration time_allowed() const;
    void close();

    EventLoop& loop_;
    const ConnectionShared& shared_;
    std::shared_ptr<const domain::SmtpAccount> account_;
    ConnectionOwner* owner_;
    int socket_ = -1;
    std::vector<boost::asio::ip::address> addresses_;
    std::size_t address_next_ = 0;
    std::string ehlo_name_;
    Secret token_;  ///< until there is one: the one that was refused
    SmtpSession session_;
    std::unique_ptr<TlsStream> tls_;
    std::string wire_;  ///< bytes that the kernel did not take yet
    std::string last_error_;
    Duration dot_timeout_{};
    SteadyTime deadline_ = SteadyTime::max();
    std::uint64_t waits_for_ = 0;
    int mails_ = 0;
    Stage stage_ = Stage::resolving;
    bool pumping_ = false;
    bool is_blocked_ = false;  ///< the kernel takes no more for now
    bool at_end_ = false;
    bool is_dot_ = false;
    std::size_t before_dot_ = 0;  ///< bytes that go out before the dot's first one
    bool dot_written_ = false;
};

}  // namespace sequitur::mail
