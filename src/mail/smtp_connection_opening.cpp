// The way to a server: name, addresses, TCP, TLS.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <cerrno>

#include "base/release.hpp"
#include "domain/loopback.hpp"
#include "mail/smtp_connection.hpp"
#include "mail/socket_error.hpp"

namespace sequitur::mail {

using boost::asio::ip::tcp;
using domain::SmtpPhase;
using domain::TlsMode;

namespace {

std::string address_literal(const boost::asio::ip::address& address) {  // RFC 5321 §4.1.3
    return (address.is_v6() ? "[IPv6:" : "[") + address.to_string() + "]";
}

boost::asio::ip::address local_address(int socket) {
    tcp::endpoint endpoint;
    auto size = static_cast<socklen_t>(endpoint.capacity());
    if (::getsockname(socket, endpoint.data(), &size) == 0) endpoint.resize(size);
    return endpoint.address();
}

}  // namespace

bool SmtpConnection::is_plaintext_forbidden() const {
    const auto& allowed = shared_.options.plaintext_hosts;
    return account_->tls == TlsMode::none && !domain::is_loopback_host(account_->host) &&
           std::ranges::find(allowed, account_->host) == allowed.end();
}

void SmtpConnection::open() {
    if (is_plaintext_forbidden()) {
        renew_deadline();
        loop_.post([self = shared_from_this()] {
            self->fail(SmtpPhase::tls, "TLS is switched off for " + self->account_->host + ", which is not allowed",
                       true);
        });
        return;
    }
    account_->auth == domain::AuthKind::oauth2 ? ask_token() : resolve();
}

void SmtpConnection::ask_token() {
    stage_ = Stage::asking_token;
    renew_deadline();
    const auto came = [weak = weak_from_this(), &loop = loop_](const domain::TokenAnswer& answer) {
        loop.post([weak, answer] {
            if (const auto self = weak.lock()) self->token_came(answer);
        });
    };
    if (shared_.tokens == nullptr) return came(domain::NoToken{"this program has no source of access tokens", true});
    shared_.tokens->token(account_, token_, came);
}

void SmtpConnection::token_came(const domain::TokenAnswer& answer) {
    if (stage_ != Stage::asking_token) return;
    if (const auto* none = std::get_if<domain::NoToken>(&answer))
        return fail(SmtpPhase::auth, none->reason, none->needs_a_person);
    token_ = std::get<Secret>(answer);
    session_.use_token(token_);
    resolve();
}

void SmtpConnection::resolve() {
    stage_ = Stage::resolving;
    renew_deadline();
    shared_.resolver.resolve(account_->host, [weak = weak_from_this(), &loop = loop_](const ResolveAnswer& answer) {
        loop.post([weak, answer] {
            if (const auto self = weak.lock()) self->resolved(answer);
        });
    });
}

void SmtpConnection::resolved(const ResolveAnswer& answer) {
    if (stage_ != Stage::resolving) return;
    if (!answer.problem.empty()) return fail(SmtpPhase::resolve, answer.problem, answer.is_unknown_name);
    addresses_ = allowed_of(answer.addresses, shared_.options.private_hosts);
    if (addresses_.empty()) {
        const auto& first = answer.addresses.front();
        return fail(SmtpPhase::connect,
                    account_->host + ": " + first.to_string() + " " + std::string{why_private(first)} +
                        ", where mail may not go (smtp.allow_private_hosts)",
                    true);
    }
    stage_ = Stage::connecting;
    renew_deadline();
    connect_next();
}

void SmtpConnection::connect_next() {
    while (address_next_ < addresses_.size()) {
        end_socket();
        if (connect_to(addresses_[address_next_++])) return;
        last_error_ = error_text(errno);
    }
    fail(SmtpPhase::connect, last_error_);
}

/// False, and errno, where it fails at once.
bool SmtpConnection::connect_to(const boost::asio::ip::address& address) {
    const tcp::endpoint endpoint{address, static_cast<unsigned short>(account_->port)};
    socket_ = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (socket_ < 0) return false;
    const int yes = 1;  // the dot is a small write after an unanswered one
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const int done = ::connect(socket_, endpoint.data(), static_cast<socklen_t>(endpoint.size()));
    return (done == 0 || errno == EINPROGRESS) && loop_.watch(socket_, weak_from_this());
}

void SmtpConnection::connected() {
    release(addresses_);
    if (ehlo_name_.empty()) {
        ehlo_name_ = address_literal(local_address(socket_));
        session_.rename(ehlo_name_);
    }
    stage_ = Stage::talking;
    if (pass("smtp.after_connect") && account_->tls == TlsMode::implicit) start_tls();
    pump();
}

void SmtpConnection::start_tls() {
    stage_ = Stage::handshake;
    tls_ = std::make_unique<TlsStream>(shared_.tls, account_->host);
    continue_handshake();
}

void SmtpConnection::continue_handshake() {
    const auto state = tls_->handshake();
    wire_ += tls_->take_output();
    if (state == TlsStream::State::wants_more) return;
    if (state != TlsStream::State::ready) {
        flush();  // the alert tells the server why
        return fail(SmtpPhase::tls, tls_->problem().empty() ? "closed by the server" : tls_->problem(),
                    tls_->is_distrusted());
    }
    stage_ = Stage::talking;
    session_.tls_started();
    take({});
}

}  // namespace sequitur::mail
