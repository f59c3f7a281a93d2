// The login of a session: which mechanism, and what is said. Redacted: what a server says about a login is kept from
// repeating it.
#include "mail/base64.hpp"
#include "mail/sasl.hpp"
#include "mail/smtp_answers.hpp"
#include "mail/smtp_session.hpp"

namespace sequitur::mail {

using domain::AuthKind;
using domain::SmtpPhase;
using domain::SmtpReply;

namespace {

constexpr std::size_t auth_line_bytes_max = 512;  // RFC 4954 §4: a command line with its CRLF

const std::string& user_of(const domain::SmtpAccount& account) {
    return account.username.empty() && account.auth == AuthKind::oauth2 ? account.address : account.username;
}

}  // namespace

// A server that repeats what it was sent must not bring a secret into the log.
SmtpReply SmtpSession::without_credentials(SmtpReply reply) const {
    const auto& account = options_.account;
    const auto& password = account.password.reveal();
    for (const auto& secret : {password, base64(password), sasl::plain(account.username, password), token_.reveal(),
                               initial_response_.reveal()})
        if (!secret.empty() && reply.text.find(secret) != std::string::npos) reply.text = "(text withheld)";
    return reply;
}

SmtpEvent SmtpSession::begin_auth() {
    const auto& account = options_.account;
    switch (account.auth) {
        case AuthKind::oauth2: return begin_auth_with_token();
        case AuthKind::cram_md5:
            if (!can_.auth_cram_md5) break;
            return ask_auth("AUTH CRAM-MD5", State::auth_challenge);
        case AuthKind::password:
            if (account.username.empty()) {
                state_ = State::idle;
                return SmtpEvent::ready;
            }
            if (can_.auth_plain) return send_initial("PLAIN", sasl::plain(account.username, account.password.reveal()));
            if (can_.auth_login) return ask_auth("AUTH LOGIN", State::auth_user);
            break;
    }
    return break_off(SmtpPhase::auth, "the server does not offer the login that the mailbox needs", true);
}

// XOAUTH2 first: it is the one that both great providers speak.
SmtpEvent SmtpSession::begin_auth_with_token() {
    const auto& account = options_.account;
    const auto& user = user_of(account);
    if (can_.auth_xoauth2) return send_initial("XOAUTH2", sasl::xoauth2(user, token_.reveal()));
    if (can_.auth_oauthbearer)
        return send_initial("OAUTHBEARER", sasl::oauthbearer(user, account.host, account.port, token_.reveal()));
    return break_off(SmtpPhase::auth, "the server offers neither XOAUTH2 nor OAUTHBEARER", true);
}

/// In the command where the line allows it, else after the server has asked.
SmtpEvent SmtpSession::send_initial(std::string_view mechanism, std::string response) {
    initial_response_ = Secret{std::move(response)};
    output_ = std::string{"AUTH "}.append(mechanism).append(1, ' ').append(initial_response_.reveal()).append("\r\n");
    state_ = State::auth_result;
    if (output_.size() <= auth_line_bytes_max) return SmtpEvent::none;
    return ask_auth(std::string{"AUTH "}.append(mechanism), State::auth_initial);
}

SmtpEvent SmtpSession::ask_auth(std::string_view command, State then) {
    output_ = std::string{command}.append("\r\n");
    state_ = then;
    return SmtpEvent::none;
}

SmtpEvent SmtpSession::auth_answered(const SmtpReply& reply) {
    if (is_negative(reply)) return refuse(SmtpPhase::auth, without_credentials(reply));
    if (state_ == State::auth_result && is_positive(reply)) {
        initial_response_ = {};
        state_ = State::idle;
        say_ready_ = true;
        return SmtpEvent::authenticated;
    }
    if (reply.code != 334) return break_off(SmtpPhase::auth, unexpected(reply));
    return answer_challenge(reply.text);
}

SmtpEvent SmtpSession::answer_challenge(std::string_view challenge) {
    const auto& account = options_.account;
    switch (state_) {
        case State::auth_initial: return ask_auth(initial_response_.reveal(), State::auth_result);
        case State::auth_user: return ask_auth(base64(account.username), State::auth_password);
        case State::auth_password: return ask_auth(base64(account.password.reveal()), State::auth_result);
        case State::auth_challenge: {
            const auto response = sasl::cram_md5(account.username, account.password.reveal(), challenge);
            if (!response) return break_off(SmtpPhase::auth, "the server's challenge is not base64");
            return ask_auth(*response, State::auth_result);
        }
        default: break;
    }
    // A refused token is explained first; the refusal follows the answer.
    if (account.auth != AuthKind::oauth2 || std::exchange(was_explained_, true))
        return break_off(SmtpPhase::auth, "the server asks for more than its mechanism needs");
    return ask_auth(can_.auth_xoauth2 ? sasl::xoauth2_go_on : sasl::oauthbearer_go_on, State::auth_result);
}

}  // namespace sequitur::mail
