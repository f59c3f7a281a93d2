// Access tokens by refresh token, kept until a minute before they end. A few threads of its own ask: a provider that
// does not answer must not hold up a thread that talks SMTP.
#pragma once

#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "domain/ports/token_source.hpp"
#include "mail/https_post.hpp"

namespace sequitur::mail {

class OAuthTokens final : public domain::TokenSource {
public:
    using Post = std::function<HttpsAnswer(const std::string& url, const std::string& form)>;

    /// Borrows `refresh_tokens` and the clock. `post`: https_post, or what a test says.
    OAuthTokens(domain::RefreshTokens& refresh_tokens, const Clock& clock, Post post);
    ~OAuthTokens() override { stop(); }

    void token(std::shared_ptr<const domain::SmtpAccount> account, const Secret& refused, Receiver receiver) override;
    void stop() override { threads_.join(); }

private:
    struct Kept {
        std::int64_t version = 0;  ///< of the account: another one has other secrets
        Secret access_token;
        SteadyTime good_until{};
        Secret refresh_token;  ///< the newest one
    };
    domain::TokenAnswer refresh(const domain::SmtpAccount& account);
    std::optional<Kept> kept(const domain::SmtpAccount& account) const;
    void keep_refresh_token(const domain::SmtpAccount& account, const Secret& refresh_token);

    domain::RefreshTokens& refresh_tokens_;
    const Clock& clock_;
    const Post post_;
    Guarded<std::unordered_map<MailboxId, Kept>> kept_;
    boost::asio::thread_pool threads_{2};  // last: its threads use the rest
};

}  // namespace sequitur::mail
