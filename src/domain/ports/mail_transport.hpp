// The transport: hands one finished message to one mailbox's server, one recipient a transaction.
//
// It stops before the final dot and asks. Nobody may write the dot without the permit's commit;
// before it, everything is provably unsent.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/secret.hpp"
#include "domain/delivery.hpp"

namespace sequitur::domain {

enum class TlsMode { implicit, starttls, none };

enum class AuthKind {
    password,  ///< PLAIN, else LOGIN
    cram_md5,  ///< only where it is asked for: it needs the password in the clear at both ends and protects little
    oauth2,    ///< XOAUTH2 or OAUTHBEARER with an access token
};

/// What an access token is asked with (RFC 6749 §6).
struct OAuthClient {
    std::string token_url;
    std::string scope;  ///< empty: the one that the refresh token was given for
    std::string client_id;
    Secret client_secret;  ///< empty: a public client
    Secret refresh_token;
};

/// How to reach a mailbox's server. Immutable; shared by the deliveries of one mailbox.
struct SmtpAccount {
    MailboxId mailbox;
    std::int64_t version = 0;  ///< grows with every change; a lane reconnects when it differs
    std::string address;       ///< envelope sender
    std::string host;
    int port = 0;
    TlsMode tls = TlsMode::implicit;
    AuthKind auth = AuthKind::password;
    std::string username;  ///< empty: no AUTH, except with `oauth2`, where the address is the user
    Secret password;
    OAuthClient oauth;
    std::string ehlo_name;  ///< empty: the transport's
    bool dsn = false;       ///< ask for reports of what can not be delivered, where the server offers it (RFC 3461)
};

/// One try of one email. The epoch makes a late callback of an earlier try recognisable, the mailbox says where it is.
struct DeliveryKey {
    EmailId email;
    std::int64_t epoch = 0;
    MailboxId mailbox{};
    auto operator<=>(const DeliveryKey&) const = default;
};

struct Delivery {
    DeliveryKey key;
    std::shared_ptr<const SmtpAccount> account;
    std::string to;              ///< envelope recipient, A-label domain
    SteadyTime dot_before;       ///< the permit must be asked before this; later the delivery is Abandoned
    Duration dot_timeout{};      ///< how long the answer to the dot may take
};

/// How far a delivery came.
struct Written {
    bool dot = false;         ///< the dot was handed to the kernel
    std::string_view sha256;  ///< of the message, hex; empty: its turn had not come
};

/// Called from the transport's threads; must not block.
class DeliveryListener {
public:
    virtual ~DeliveryListener() = default;
    /// The whole message: CRLF lines, not dot-stuffed, ends in CRLF; nullopt, and the delivery ends as Abandoned.
    /// Asked for when its turn on the connection has come, and again if the server then took its time: nobody holds
    /// the bytes of a mail that waits. The same bytes each time.
    virtual std::optional<std::string> message(const DeliveryKey& key) = 0;
    /// The server waits for the dot, or for a body and its dot. Answer with proceed() or abandon(), from any thread.
    virtual void ready_for_dot(const DeliveryKey& key) = 0;
    /// The end, exactly once a delivery.
    virtual void done(const DeliveryKey& key, const SendOutcome& outcome, const Written& written) = 0;
};

/// Thread-safe. Deliveries of one mailbox go one after another over one connection, which is kept
/// for the next; different mailboxes run side by side.
class MailTransport {
public:
    virtual ~MailTransport() = default;
    virtual void start(Delivery delivery) = 0;
    /// The permit is committed: write the dot. Unknown or ended keys are ignored.
    virtual void proceed(const DeliveryKey& key) = 0;
    /// No permit: close without the dot (the server must drop the transaction, RFC 5321 §4.1.1.10).
    virtual void abandon(const DeliveryKey& key) = 0;
    /// Ends every delivery that has no permit yet as Abandoned; the others keep their answer's time.
    virtual void drain() = 0;
    /// Deliveries started and not done.
    virtual std::size_t in_flight() const = 0;
};

}  // namespace sequitur::domain
