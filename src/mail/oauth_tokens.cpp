#include "mail/oauth_tokens.hpp"

#include <boost/asio/post.hpp>

#include "base/log.hpp"
#include "mail/token_answer.hpp"

namespace sequitur::mail {

namespace {

constexpr auto margin = std::chrono::minutes{1};
constexpr std::size_t kept_max = 100'000;

}  // namespace

OAuthTokens::OAuthTokens(domain::RefreshTokens& refresh_tokens, const Clock& clock, Post post)
    : refresh_tokens_(refresh_tokens), clock_(clock), post_(std::move(post)) {}

std::optional<OAuthTokens::Kept> OAuthTokens::kept(const domain::SmtpAccount& account) const {
    return kept_.with([&](const auto& all) -> std::optional<Kept> {
        const auto found = all.find(account.mailbox);
        if (found == all.end() || found->second.version != account.version) return std::nullopt;
        return found->second;
    });
}

void OAuthTokens::token(std::shared_ptr<const domain::SmtpAccount> account, const Secret& refused, Receiver receiver) {
    const auto known = kept(*account);
    if (known && clock_.steady_now() < known->good_until && known->access_token.reveal() != refused.reveal())
        return receiver(known->access_token);
    boost::asio::post(threads_, [this, account = std::move(account), receiver = std::move(receiver)] {
        receiver(refresh(*account));
    });
}

domain::TokenAnswer OAuthTokens::refresh(const domain::SmtpAccount& account) {
    const auto known = kept(account);
    const auto& refresh_token = known ? known->refresh_token : account.oauth.refresh_token;
    const auto answer = post_(account.oauth.token_url, token_request(account.oauth, refresh_token));
    if (answer.status == 0) return domain::NoToken{"no access token: " + answer.problem, false};
    auto read = read_token_answer(answer.status, answer.body);
    if (auto* refused = std::get_if<domain::NoToken>(&read)) return std::move(*refused);

    auto& given = std::get<GivenToken>(read);
    const bool is_new = given.refresh_token && given.refresh_token->reveal() != refresh_token.reveal();
    const auto newest = given.refresh_token.value_or(refresh_token);
    kept_.with([&](auto& all) {
        if (all.size() > kept_max) all.clear();
        all[account.mailbox] = {account.version, given.access_token, clock_.steady_now() + given.good_for - margin,
                                newest};
    });
    if (is_new) keep_refresh_token(account, newest);
    return std::move(given.access_token);
}

// A database that is away does not keep the mail from leaving: the new one is known here, and comes again.
void OAuthTokens::keep_refresh_token(const domain::SmtpAccount& account, const Secret& refresh_token) {
    try {
        refresh_tokens_.replace(account, refresh_token);
    } catch (const std::exception& error) {
        log::warn("a new refresh token was not stored",
                  {{"mailbox_id", account.mailbox.text()}, {"error", error.what()}});
    }
}

}  // namespace sequitur::mail
