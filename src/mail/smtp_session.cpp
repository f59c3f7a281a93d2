#include "mail/smtp_session.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <utility>

#include "base/byte_scan.hpp"
#include "mail/smtp_answers.hpp"

namespace sequitur::mail {

using domain::Accepted;
using domain::Broken;
using domain::Refused;
using domain::SmtpPhase;
using domain::SmtpReply;
using domain::TlsMode;

namespace {

constexpr std::size_t block_bytes_max = 16 * 1024;

}  // namespace

SmtpPhase SmtpSession::phase() const {
    switch (state_) {
        case State::greeting: return SmtpPhase::greeting;
        case State::ehlo: return SmtpPhase::ehlo;
        case State::starttls: return SmtpPhase::starttls;
        case State::handshake: return SmtpPhase::tls;
        case State::auth_initial:
        case State::auth_challenge:
        case State::auth_user:
        case State::auth_password:
        case State::auth_result: return SmtpPhase::auth;
        case State::rcpt: return SmtpPhase::rcpt;
        case State::data: return SmtpPhase::data;
        case State::body:
        case State::permit:
        case State::dot: return SmtpPhase::body;
        case State::after_dot: return SmtpPhase::dot;
        case State::idle:
        case State::mail:
        case State::reset:
        case State::closed: break;
    }
    return SmtpPhase::mail;
}

SmtpEvent SmtpSession::next() {
    while (true) {
        if (pending_ != SmtpEvent::none) return std::exchange(pending_, SmtpEvent::none);
        if (state_ == State::closed) {
            if (std::exchange(said_closed_, true)) return SmtpEvent::none;
            return SmtpEvent::closed;
        }
        if (say_ready_ && state_ == State::idle) {
            say_ready_ = false;
            return SmtpEvent::ready;
        }
        if (state_ == State::body && body_sent_ == 0 && (holds_body_ = can_hold_body())) {
            state_ = State::permit;
            return SmtpEvent::ready_for_dot;
        }
        if (input_.empty()) return SmtpEvent::none;
        const auto before = input_.size();
        const auto event = next_reply();
        if (event != SmtpEvent::none) return event;
        if (input_.size() == before) return SmtpEvent::none;
    }
}

SmtpEvent SmtpSession::next_reply() {
    std::string_view rest = input_;
    const auto state = parser_.feed(rest);
    input_.erase(0, input_.size() - rest.size());
    if (state == SmtpReplyParser::State::garbage) return break_off(phase(), parser_.problem());
    if (state == SmtpReplyParser::State::more) return SmtpEvent::none;
    ++steps_;
    if (state_ == State::ehlo) read_capabilities(parser_.lines());
    if (!is_go_ahead(parser_.code())) return answer(parser_.take());
    const SmtpReply reply{.code = parser_.code(), .enhanced = {}, .text = {}};
    parser_.reset();
    return answer(reply);
}

// The usual answers of a group, whose words nobody reads.
bool SmtpSession::is_go_ahead(int code) const {
    return state_ == State::data ? code == 354 : code == 250 && (state_ == State::mail || state_ == State::rcpt);
}

SmtpEvent SmtpSession::answer(const SmtpReply& reply) {
    if (reply.code == 421) return refuse(phase(), reply);
    switch (state_) {
        case State::greeting: return greeted(reply);
        case State::ehlo: return ehlo_answered(reply);
        case State::starttls: return starttls_answered(reply);
        case State::auth_initial:
        case State::auth_challenge:
        case State::auth_user:
        case State::auth_password:
        case State::auth_result: return auth_answered(reply);
        case State::mail: return mail_answered(reply);
        case State::rcpt: return rcpt_answered(reply);
        case State::data: return data_answered(reply);
        case State::body:
        case State::permit:
        case State::dot:
            // Before the end of the body a refusal is an answer to what was sent so far.
            return is_negative(reply) ? refuse(SmtpPhase::body, reply) : break_off(SmtpPhase::body, unexpected(reply));
        case State::after_dot: return dot_answered(reply);
        case State::reset: return reset_answered(reply);
        case State::handshake:
        case State::idle:
        case State::closed: break;
    }
    return break_off(phase(), "the server spoke out of turn");
}

void SmtpSession::received(std::string_view bytes) {
    if (state_ != State::closed) input_ += bytes;
}

std::optional<domain::SendOutcome> SmtpSession::refusal_of_ours(const SmtpMail& mail) const {
    if (auto refusal = envelope_refusal(mail, can_.smtputf8)) return refusal;
    if (can_.size_max == 0 || mail.message.size() <= can_.size_max) return std::nullopt;
    const auto why = "refused here: larger than the server's SIZE " + std::to_string(can_.size_max);
    return Refused{SmtpPhase::mail, {552, "5.3.4", why}};
}

void SmtpSession::begin(const SmtpMail& mail) {
    const bool is_sent = std::exchange(chained_, false);
    assert(state_ == State::idle && !mail_ && (is_sent || mail.message.ends_with("\r\n")));
    say_ready_ = false;
    mail_ = mail;
    refusal_.reset();
    outcome_.reset();
    is_open_ = half_done_ = dot_produced_ = holds_body_ = false;
    at_line_start_ = true;
    body_sent_ = 0;
    state_ = State::mail;
    if (is_sent) return;
    if (!input_.empty() || parser_.is_amid_reply())
        pending_ = break_off(SmtpPhase::mail, "the server spoke out of turn");
    else if (auto refusal = refusal_of_ours(mail))
        pending_ = over(std::move(*refusal), State::idle);
    else
        send_mail(mail);
}

bool SmtpSession::chain(const SmtpMail& next) {
    if (!may_chain() || refusal_of_ours(next)) return false;
    send_mail(next);
    return chained_ = true;
}

void SmtpSession::supply(std::string_view message, bool may_have_dots) {
    if (!mail_) return;
    mail_->message = message;
    mail_->may_have_dots = may_have_dots;
}

EnvelopeOptions SmtpSession::envelope_options(const SmtpMail& mail) const {
    return {.size = can_.size, .dsn = can_.dsn && options_.account.dsn, .smtputf8 = mail.needs_smtputf8()};
}

void SmtpSession::send_mail(const SmtpMail& mail) {
    constexpr std::size_t group_bytes = 256;
    output_.reserve(group_bytes);
    append_mail_command(output_, mail, envelope_options(mail));
    said_ = Said::mail;
    if (!can_.pipelining) return;
    send_rcpt(mail);
    if (may_group_data_) send_data();
}

void SmtpSession::send_rcpt(const SmtpMail& mail) {
    append_rcpt_command(output_, mail.to, envelope_options(mail));
    said_ = Said::rcpt;
}

void SmtpSession::send_data() {
    output_ += "DATA\r\n";
    said_ = Said::data;
}

SmtpEvent SmtpSession::mail_answered(const SmtpReply& reply) {
    if (!is_positive(reply) && !is_negative(reply)) return break_off(SmtpPhase::mail, unexpected(reply));
    if (is_negative(reply)) return refuse_recipient(SmtpPhase::mail, reply);
    is_open_ = true;
    state_ = State::rcpt;
    if (said_ == Said::mail) send_rcpt(*mail_);
    return SmtpEvent::mail_ok;
}

SmtpEvent SmtpSession::rcpt_answered(const SmtpReply& reply) {
    if (!is_positive(reply) && !is_negative(reply)) return break_off(SmtpPhase::rcpt, unexpected(reply));
    if (is_negative(reply)) return refuse_recipient(SmtpPhase::rcpt, reply);
    is_open_ = true;
    if (refusal_ && said_ != Said::data) return over(*refusal_, State::reset);
    state_ = State::data;
    if (refusal_) return SmtpEvent::none;
    if (said_ != Said::data) send_data();
    return SmtpEvent::rcpt_ok;
}

// The first refusal is the mail's; what else of the group is under way has answers coming.
SmtpEvent SmtpSession::refuse_recipient(SmtpPhase phase, const SmtpReply& reply) {
    if (!refusal_) refusal_ = Refused{phase, reply};
    has_refused_ = true;
    may_group_data_ = false;
    const auto answered = state_ == State::mail ? Said::mail : Said::rcpt;
    if (said_ == answered) return over(*refusal_, is_open_ ? State::reset : State::idle);
    state_ = state_ == State::mail ? State::rcpt : State::data;
    return SmtpEvent::none;
}

SmtpEvent SmtpSession::data_answered(const SmtpReply& reply) {
    if (refusal_) return over(*refusal_, !is_negative(reply) ? State::closed : is_open_ ? State::reset : State::idle);
    if (is_negative(reply)) return over(Refused{SmtpPhase::data, reply}, State::reset);
    if (reply.code != 354) return break_off(SmtpPhase::data, unexpected(reply));
    holds_body_ = may_group_data_;
    may_group_data_ = !has_refused_;
    state_ = State::body;
    return SmtpEvent::data_ok;
}

void SmtpSession::produce(std::string& out) {
    if (state_ == State::permit) return;  // what is chained waits for the dot
    if (state_ == State::dot && holds_body_ && body_sent_ == 0) return body_block(out);
    if (state_ == State::dot && !std::exchange(dot_produced_, true)) out += ".\r\n";
    if (!output_.empty()) {
        out += output_;
        output_ = {};
    } else if (state_ == State::body) {
        body_block(out);
    }
}

std::string_view SmtpSession::take_held_body() {
    if (state_ != State::dot || !holds_body_ || body_sent_ > 0 || mail_->may_have_dots) return {};
    assert(mail_->message.ends_with("\r\n"));
    body_sent_ = mail_->message.size();
    return mail_->message;
}

// One write fewer a mail, for what fits into a block; and only in bulk, like DATA in the group.
bool SmtpSession::can_hold_body() const {
    return holds_body_ && !options_.pause_at_half && mail_->message.size() <= block_bytes_max;
}

void SmtpSession::body_block(std::string& out) {
    assert(mail_->message.ends_with("\r\n"));
    const auto half = mail_->message.size() / 2;
    auto block = mail_->message.substr(body_sent_, block_bytes_max);
    if (options_.pause_at_half && !half_done_) block = block.substr(0, half - body_sent_);
    if (block.empty()) return;
    body_sent_ += block.size();
    if (at_line_start_ && block.starts_with('.')) out += '.';  // RFC 5321 §4.5.2
    at_line_start_ = block.ends_with('\n');
    for (auto dot = scan::pair(block, '\n', '.'); dot != std::string_view::npos; dot = scan::pair(block, '\n', '.')) {
        (out += block.substr(0, dot + 2)) += '.';
        block.remove_prefix(dot + 2);
    }
    out += block;
}

void SmtpSession::written() {
    ++steps_;
    if (state_ != State::body || body_sent_ == 0) return;
    if (options_.pause_at_half && !half_done_ && body_sent_ == mail_->message.size() / 2) {
        half_done_ = true;
        pending_ = SmtpEvent::half_body;
    } else if (body_sent_ == mail_->message.size()) {
        state_ = State::permit;
        mail_->message = {};
        pending_ = SmtpEvent::ready_for_dot;
    }
}

void SmtpSession::proceed() {
    if (state_ == State::permit) state_ = State::dot;
}

SmtpEvent SmtpSession::dot_answered(const SmtpReply& reply) {
    if (is_positive(reply)) return over(Accepted{reply}, State::idle);
    if (is_negative(reply)) return over(Refused{SmtpPhase::dot, reply}, State::idle);
    return break_off(SmtpPhase::dot, unexpected(reply));
}

SmtpEvent SmtpSession::reset_answered(const SmtpReply& reply) {
    if (!is_positive(reply)) return break_off(SmtpPhase::mail, "the server refused RSET");
    state_ = State::idle;
    return SmtpEvent::ready;
}

SmtpEvent SmtpSession::over(domain::SendOutcome outcome, State then) {
    outcome_ = std::move(outcome);
    mail_.reset();
    state_ = then;
    say_ready_ = then == State::idle;
    if (then == State::reset) output_ = "RSET\r\n";
    if (then == State::closed) {
        output_ = {};
        chained_ = false;
    }
    return SmtpEvent::finished;
}

SmtpEvent SmtpSession::refuse(SmtpPhase phase, const SmtpReply& reply) {
    if (mail_) return over(refusal_.value_or(Refused{phase, reply}), State::closed);
    over(Refused{phase, reply}, State::closed);
    said_closed_ = true;
    return SmtpEvent::closed;
}

SmtpEvent SmtpSession::break_off(SmtpPhase phase, std::string_view reason, bool needs_a_person) {
    if (refusal_ && mail_) return over(*refusal_, State::closed);
    if (mail_) return over(Broken{phase, std::string{reason}, needs_a_person}, State::closed);
    over(Broken{phase, std::string{reason}, needs_a_person}, State::closed);
    said_closed_ = true;
    return SmtpEvent::closed;
}

void SmtpSession::io_error(std::string_view reason, bool needs_a_person) {
    if (state_ != State::closed) pending_ = break_off(phase(), reason, needs_a_person);
}

void SmtpSession::quit() {
    assert(!mail_);
    if (state_ == State::idle) output_ = "QUIT\r\n";
    state_ = State::closed;
}

}  // namespace sequitur::mail
