#include "mail/smtp_connection.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/fault.hpp"
#include "base/release.hpp"
#include "mail/socket_error.hpp"

namespace sequitur::mail {

using domain::Broken;
using domain::SmtpPhase;
using domain::TlsMode;

namespace {

constexpr std::size_t read_bytes_max = 16 * 1024;

/// Both in one go, from where they are. As send(): what the kernel took, or below zero.
ssize_t write(int socket, std::string_view first, std::string_view second) {
    const auto piece = [](std::string_view bytes) {
        return iovec{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};  // the kernel only reads
    };
    std::array pieces{piece(first), piece(second)};
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    return ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

bool is_try_again(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

SmtpConnection::SmtpConnection(EventLoop& loop, const ConnectionShared& shared,
                               std::shared_ptr<const domain::SmtpAccount> account, ConnectionOwner& owner,
                               Secret refused_token)
    : loop_(loop),
      shared_(shared),
      account_(std::move(account)),
      owner_(&owner),
      ehlo_name_(account_->ehlo_name.empty() ? shared.options.ehlo_name : account_->ehlo_name),
      token_(std::move(refused_token)),
      session_({*account_, ehlo_name_, fault::armed("smtp.half_body")}) {}

SmtpConnection::~SmtpConnection() { end_socket(); }

void SmtpConnection::end_socket() {
    if (socket_ < 0) return;
    loop_.forget(socket_);
    ::close(std::exchange(socket_, -1));
}

void SmtpConnection::on_socket(bool ended) {
    if (stage_ == Stage::connecting) {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0) {
            last_error_ = error_text(error);
            return connect_next();
        }
        connected();  // and the greeting may be here already: it gets no edge of its own
    }
    if (stage_ == Stage::closed) return;
    is_blocked_ = false;
    read_available(ended);
    if (stage_ == Stage::closed) return;
    if (at_end_) {
        if (stage_ == Stage::handshake) return fail(SmtpPhase::tls, last_error_);
        handle_events();
        if (stage_ != Stage::closed) session_.io_error(last_error_);
    }
    pump();
}

void SmtpConnection::fail(SmtpPhase phase, std::string reason, bool needs_a_person) {
    if (stage_ == Stage::closed) return;
    auto* owner = owner_;
    close();
    if (owner != nullptr) owner->on_closed(Broken{phase, std::move(reason), needs_a_person});
}

SmtpMail SmtpConnection::mail_of(const domain::Delivery& delivery, const WrittenMail& written) const {
    return {.from = account_->address,
            .to = delivery.to,
            .message = written.message,
            .email = delivery.key.email,
            .may_have_dots = written.may_have_dots};
}

void SmtpConnection::begin(const domain::Delivery& delivery, const WrittenMail& written) {
    ++mails_;
    dot_timeout_ = delivery.dot_timeout;
    is_dot_ = false;
    dot_written_ = false;
    session_.begin(mail_of(delivery, written));
    pump();
}

bool SmtpConnection::chain(const domain::Delivery& next, const WrittenMail& written) {
    return session_.chain(mail_of(next, written));
}

void SmtpConnection::proceed() {
    session_.proceed();
    loop_.at_end_of_round(weak_from_this());
}

void SmtpConnection::quit() {
    owner_ = nullptr;
    if (is_ready()) {
        session_.quit();
        flush();
    }
    close();
}

void SmtpConnection::drop() { close(); }

void SmtpConnection::close() {
    if (stage_ == Stage::closed) return;
    stage_ = Stage::closed;
    owner_ = nullptr;
    end_socket();
    release(wire_);
}

bool SmtpConnection::is_alive() {
    char byte = 0;
    const auto count = ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    return count > 0 && tls_ != nullptr;  // TLS has words of its own between mails; SMTP has not
}

void SmtpConnection::pump() {
    if (pumping_) return;
    const auto self = shared_from_this();
    pumping_ = true;
    do handle_events();
    while (stage_ != Stage::closed && flush());
    pumping_ = false;
    if (stage_ == Stage::closed) return;
    renew_deadline();
}

void SmtpConnection::handle_events() {
    for (auto event = session_.next(); event != SmtpEvent::none && stage_ != Stage::closed; event = session_.next())
        handle(event);
}

void SmtpConnection::handle(SmtpEvent event) {
    switch (event) {
        case SmtpEvent::none: break;
        case SmtpEvent::ehlo_done: pass("smtp.after_ehlo"); break;
        case SmtpEvent::start_tls: start_tls(); break;
        case SmtpEvent::authenticated: pass("smtp.after_auth"); break;
        case SmtpEvent::ready: owner_->on_ready(); break;
        case SmtpEvent::mail_ok: pass("smtp.after_mail"); break;
        case SmtpEvent::rcpt_ok: pass("smtp.after_rcpt"); break;
        case SmtpEvent::data_ok:
            if (pass("smtp.after_354")) owner_->on_data_ok();
            break;
        case SmtpEvent::half_body: pass("smtp.half_body"); break;
        case SmtpEvent::ready_for_dot: owner_->on_ready_for_dot(); break;
        case SmtpEvent::finished: {
            auto outcome = session_.take_outcome();
            if (dot_written_ && !pass("dot.after_reply")) outcome = Broken{SmtpPhase::dot, "fault injected", false};
            owner_->on_finished(std::move(outcome), dot_written_);
            break;
        }
        case SmtpEvent::closed: {
            const auto outcome = session_.outcome().value_or(Broken{SmtpPhase::mail, "closed", false});
            auto* owner = owner_;
            close();
            if (owner != nullptr) owner->on_closed(outcome);  // nobody, when QUIT met a connection that was reset
            break;
        }
    }
}

bool SmtpConnection::pass(std::string_view fault_point) {
    try {
        fault::point(fault_point);
        return true;
    } catch (const fault::InjectedError& injected) {  // stands for a broken connection
        session_.io_error(injected.what());
        return false;
    }
}

// True when something happened: there may be new events.
bool SmtpConnection::flush() {
    if (is_blocked_) return false;
    thread_local Block block;
    block.body = {};
    block.rest.clear();
    if (!wire_.empty())
        block.body = wire_;
    else if (!fill(block))
        return false;
    if (block.body.empty() && block.rest.empty()) return true;  // a fault struck before the write
    const auto count = write(socket_, block.body, block.rest);
    if (count < 0 && is_try_again(errno)) {
        if (wire_.empty()) wire_.append(block.body).append(block.rest);
        is_blocked_ = true;
        return false;
    }
    if (count < 0) {
        const auto why = error_text(errno);
        // A refusal that came before the reset explains it.
        read_available(true);
        handle_events();
        if (stage_ != Stage::closed) session_.io_error(why);
        release(wire_);
        return true;
    }
    const auto written = static_cast<std::size_t>(count);
    const auto of_body = std::min(written, block.body.size());
    std::string left{block.body.substr(of_body)};
    left.append(block.rest, written - of_body);
    wire_ = std::move(left);
    wrote(written);
    return true;
}

bool SmtpConnection::fill(Block& block) {
    if (stage_ == Stage::handshake) return false;
    is_dot_ = session_.is_writing_dot();
    before_dot_ = 0;
    if (tls_ == nullptr) block.body = session_.take_held_body();
    if (block.body.empty()) session_.produce(block.rest);
    if (block.body.empty() && block.rest.empty()) return false;
    if (is_dot_ && !pass("dot.before_write")) {
        block.body = {};
        block.rest.clear();
        return true;
    }
    encrypt(block.rest);
    if (!session_.is_dot_due()) return true;
    before_dot_ = block.body.size() + block.rest.size();
    if (tls_ == nullptr) {
        session_.produce(block.rest);
        return true;
    }
    std::string dot;
    session_.produce(dot);
    encrypt(dot);
    block.rest += dot;
    return true;
}

void SmtpConnection::encrypt(std::string& block) {
    if (tls_ == nullptr) return;
    tls_->write(block);
    block = tls_->take_output();
}

void SmtpConnection::wrote(std::size_t count) {
    const bool is_at_dot = is_dot_ && count > before_dot_;
    before_dot_ -= std::min(count, before_dot_);
    if (is_at_dot && !dot_written_) {
        dot_written_ = true;
        session_.dot_started();
        pass("dot.after_write");
    }
    if (!wire_.empty()) return;
    release(wire_);
    session_.written();
}

void SmtpConnection::read_available(bool to_the_end) {
    thread_local std::array<char, read_bytes_max> buffer;
    while (stage_ != Stage::closed) {
        const auto count = ::recv(socket_, buffer.data(), buffer.size(), 0);
        if (count < 0 && is_try_again(errno)) return;
        if (count <= 0) {
            at_end_ = true;
            last_error_ = count == 0 ? "closed by the server" : error_text(errno);
            return;
        }
        const auto bytes = static_cast<std::size_t>(count);
        take({buffer.data(), bytes});
        if (bytes < buffer.size() && !to_the_end) return;
    }
}

void SmtpConnection::take(std::string_view bytes) {
    if (tls_ == nullptr) return session_.received(bytes);
    tls_->feed(bytes);
    if (stage_ == Stage::handshake) return continue_handshake();
    std::string plain;
    const auto state = tls_->read(plain);
    wire_ += tls_->take_output();
    session_.received(plain);
    if (state == TlsStream::State::wants_more) return;
    at_end_ = true;
    last_error_ = tls_->problem().empty() ? "closed by the server" : tls_->problem();
}

Duration SmtpConnection::time_allowed() const {
    const auto& times = shared_.options.timeouts;
    if (stage_ == Stage::asking_token || stage_ == Stage::resolving || stage_ == Stage::connecting)
        return times.connect;
    if (stage_ == Stage::handshake) return times.tls;
    if (session_.is_ready()) return times.idle;
    if (session_.is_resetting()) return times.reset;
    switch (session_.phase()) {
        case SmtpPhase::resolve:
        case SmtpPhase::connect: return times.connect;
        case SmtpPhase::tls: return times.tls;
        case SmtpPhase::greeting: return times.greeting;
        case SmtpPhase::ehlo:
        case SmtpPhase::starttls:
        case SmtpPhase::auth: return times.ehlo_auth;
        case SmtpPhase::mail:
        case SmtpPhase::rcpt: return times.mail_rcpt;
        case SmtpPhase::data: return times.data;
        case SmtpPhase::body: return times.block;
        case SmtpPhase::dot: break;
    }
    return dot_timeout_;
}

// A new phase, reply or block starts a new wait; bytes that complete nothing do not.
void SmtpConnection::renew_deadline() {
    const auto now_waits_for = (std::uint64_t{session_.steps()} << 16) | (static_cast<std::uint64_t>(stage_) << 8) |
                               static_cast<std::uint64_t>(session_.phase());
    if (deadline_ != SteadyTime::max() && now_waits_for == waits_for_ && !session_.awaits_permit()) return;
    waits_for_ = now_waits_for;
    // Whoever holds the permit question answers it or drains; a server that tires of waiting closes.
    deadline_ = session_.awaits_permit() ? SteadyTime::max() : shared_.clock.steady_now() + time_allowed();
}

void SmtpConnection::tick(SteadyTime now) {
    if (now < deadline_ || stage_ == Stage::closed) return;
    const auto self = shared_from_this();
    if (stage_ == Stage::asking_token) return fail(SmtpPhase::auth, "no access token in time");
    if (stage_ == Stage::resolving) return fail(SmtpPhase::resolve, account_->host + ": no answer in time");
    if (stage_ == Stage::connecting) return fail(SmtpPhase::connect, "no answer in time");
    if (stage_ == Stage::handshake) return fail(SmtpPhase::tls, "no answer in time");
    if (is_ready()) {
        auto* owner = std::exchange(owner_, nullptr);
        quit();
        owner->on_closed(Broken{SmtpPhase::mail, "idle", false});
        return;
    }
    session_.timed_out();
    pump();
}

}  // namespace sequitur::mail
