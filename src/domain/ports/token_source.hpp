// Where a mailbox that logs in by token gets its access token. Asked before each connection, so it keeps what it has.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "base/secret.hpp"
#include "domain/ports/mail_transport.hpp"

namespace sequitur::domain {

struct NoToken {
    std::string reason;
    bool needs_a_person = false;  ///< the provider says that this will never give one
};
using TokenAnswer = std::variant<Secret, NoToken>;

/// Thread-safe.
class TokenSource {
public:
    virtual ~TokenSource() = default;
    using Receiver = std::function<void(const TokenAnswer&)>;
    /// `receiver` is called once, from any thread, possibly before this returns. `refused`: a token that the mail
    /// server did not take, so another one is wanted; empty: any that is good.
    virtual void token(std::shared_ptr<const SmtpAccount> account, const Secret& refused, Receiver receiver) = 0;
    /// Waits for what is being asked; afterwards nobody is called any more.
    virtual void stop() = 0;
};

/// A provider may give a new refresh token along; the old one may end with it.
class RefreshTokens {
public:
    virtual ~RefreshTokens() = default;
    /// Not a new version of the account: whoever has one goes on. Ignored where the account has changed meanwhile.
    /// Throws StoreUnavailable, StoreRefused.
    virtual void replace(const SmtpAccount& account, const Secret& refresh_token) = 0;
};

}  // namespace sequitur::domain
