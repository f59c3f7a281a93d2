#include "mail/smtp_connection.hpp"

#include <sys/socket.h>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include "base/fault.hpp"
#include "base/release.hpp"

namespace sequitur::mail {

using boost::asio::ip::tcp;
using boost::system::error_code;
using domain::Broken;
using domain::SmtpPhase;
using domain::TlsMode;

namespace {

constexpr std::size_t read_bytes_max = 16 * 1024;

std::string address_literal(const boost::asio::ip::address& address) {  // RFC 5321 §4.1.3
    return (address.is_v6() ? "[IPv6:" : "[") + address.to_string() + "]";
}

}  // namespace

SmtpConnection::SmtpConnection(boost::asio::io_context& io, const ConnectionShared& shared,
                               std::shared_ptr<const domain::SmtpAccount> account, ConnectionOwner& owner)
    : io_(io),
      shared_(shared),
      account_(std::move(account)),
      owner_(&owner),
      socket_(io),
      ehlo_name_(shared.options.ehlo_name),
      session_({*account_, ehlo_name_, fault::armed("smtp.half_body")}) {}

void SmtpConnection::open() {
    renew_deadline();
    const auto& allowed = shared_.options.plaintext_hosts;
    if (account_->tls == TlsMode::none && !is_loopback_host(account_->host) &&
        std::ranges::find(allowed, account_->host) == allowed.end()) {
        boost::asio::post(io_, [self = shared_from_this()] {
            self->fail(SmtpPhase::tls, "TLS is switched off for " + self->account_->host + ", which is not allowed",
                       true);
        });
        return;
    }
    shared_.resolver.resolve(account_->host, [weak = weak_from_this(), &io = io_](const ResolveAnswer& answer) {
        boost::asio::post(io, [weak, answer] {
            if (const auto self = weak.lock()) self->resolved(answer);
        });
    });
}

void SmtpConnection::resolved(const ResolveAnswer& answer) {
    if (stage_ != Stage::resolving) return;
    if (!answer.problem.empty()) return fail(SmtpPhase::resolve, answer.problem);
    addresses_ = answer.addresses;
    stage_ = Stage::connecting;
    renew_deadline();
    connect_next();
}

void SmtpConnection::connect_next() {
    if (address_next_ == addresses_.size()) return fail(SmtpPhase::connect, last_error_);
    const tcp::endpoint endpoint{addresses_[address_next_++], static_cast<unsigned short>(account_->port)};
    error_code error;
    if (socket_.is_open()) socket_.close(error);
    socket_.open(endpoint.protocol(), error);
    if (error) {
        last_error_ = error.message();
        return connect_next();
    }
    socket_.async_connect(endpoint, [self = shared_from_this()](const error_code& problem) {
        if (self->stage_ != Stage::connecting) return;
        if (!problem) return self->connected();
        self->last_error_ = problem.message();
        self->connect_next();
    });
}

void SmtpConnection::connected() {
    release(addresses_);
    error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(tcp::no_delay{true}, ignored);  // the dot is a small write after an unanswered one
    if (ehlo_name_.empty()) {
        ehlo_name_ = address_literal(socket_.local_endpoint(ignored).address());
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

void SmtpConnection::fail(SmtpPhase phase, std::string reason, bool needs_a_person) {
    if (stage_ == Stage::closed) return;
    auto* owner = owner_;
    close();
    if (owner != nullptr) owner->on_closed(Broken{phase, std::move(reason), needs_a_person});
}

void SmtpConnection::begin(const domain::Delivery& delivery, std::string_view message) {
    ++mails_;
    dot_timeout_ = delivery.dot_timeout;
    is_dot_ = false;
    dot_written_ = false;
    session_.begin({.from = account_->address, .to = delivery.to, .message = message});
    pump();
}

bool SmtpConnection::chain(const domain::Delivery& next, std::string_view message) {
    return session_.chain({.from = account_->address, .to = next.to, .message = message});
}

void SmtpConnection::proceed() {
    session_.proceed();
    pump();
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
    error_code ignored;
    socket_.close(ignored);
    release(wire_);
}

bool SmtpConnection::is_alive() {
    char byte = 0;
    const auto count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
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
    arm_read();
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
    if (writing_) return false;
    thread_local std::string block;
    block.clear();
    if (wire_.empty() && !fill(block)) return false;
    const std::string_view bytes = wire_.empty() ? block : wire_;
    if (bytes.empty()) return true;  // a fault struck before the write
    error_code error;
    const auto count = socket_.write_some(boost::asio::buffer(bytes), error);
    if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) {
        if (wire_.empty()) wire_ = block;
        arm_write();
        return false;
    }
    if (error) {
        // A refusal that came before the reset explains it.
        read_available();
        handle_events();
        if (stage_ != Stage::closed) session_.io_error(error.message());
        release(wire_);
        return true;
    }
    wire_ = bytes.substr(count);
    wrote();
    return true;
}

bool SmtpConnection::fill(std::string& block) {
    if (stage_ == Stage::handshake) return false;
    is_dot_ = session_.is_writing_dot();
    session_.produce(block);
    if (block.empty()) return false;
    if (is_dot_ && !pass("dot.before_write")) {
        block.clear();
        return true;
    }
    if (tls_ != nullptr) {
        tls_->write(block);
        block = tls_->take_output();
    }
    return true;
}

void SmtpConnection::wrote() {
    if (is_dot_ && !dot_written_) {
        dot_written_ = true;
        session_.dot_started();
        pass("dot.after_write");
    }
    if (!wire_.empty()) return;
    release(wire_);
    session_.written();
}

void SmtpConnection::read_available() {
    thread_local std::array<char, read_bytes_max> buffer;
    while (stage_ != Stage::closed) {
        error_code error;
        const auto count = socket_.read_some(boost::asio::buffer(buffer), error);
        if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) return;
        if (error) {
            at_end_ = true;
            last_error_ = error == boost::asio::error::eof ? "closed by the server" : error.message();
            return;
        }
        take({buffer.data(), count});
        if (count < buffer.size()) return;
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

void SmtpConnection::arm_read() {
    if (reading_) return;
    reading_ = true;
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
        self->reading_ = false;
        if (error || self->stage_ == Stage::closed) return;
        self->read_available();
        if (self->stage_ == Stage::closed) return;
        if (self->at_end_) {
            if (self->stage_ == Stage::handshake) return self->fail(SmtpPhase::tls, self->last_error_);
            self->handle_events();
            if (self->stage_ != Stage::closed) self->session_.io_error(self->last_error_);
        }
        self->pump();
    });
}

void SmtpConnection::arm_write() {
    writing_ = true;
    socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](const error_code& error) {
        self->writing_ = false;
        if (!error && self->stage_ != Stage::closed) self->pump();
    });
}

Duration SmtpConnection::time_allowed() const {
    const auto& times = shared_.options.timeouts;
    if (stage_ == Stage::resolving || stage_ == Stage::connecting) return times.connect;
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
