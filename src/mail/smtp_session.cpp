#include "mail/smtp_session.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <utility>

#include "mail/base64.hpp"

namespace sequitur::mail {

using domain::Accepted;
using domain::Broken;
using domain::Refused;
using domain::SmtpPhase;
using domain::SmtpReply;
using domain::TlsMode;

namespace {

constexpr std::size_t block_bytes_max = 16 * 1024;
constexpr std::size_t auth_line_bytes_max = 512;  // RFC 4954 §4: a command line with its CRLF
constexpr std::size_t path_bytes_max = 320;

bool is_positive(const SmtpReply& reply) { return reply.code / 100 == 2; }
bool is_negative(const SmtpReply& reply) { return reply.code / 100 == 4 || reply.code / 100 == 5; }

std::string unexpected(const SmtpReply& reply) {
    return "the server answered " + std::to_string(reply.code) + ", which means nothing here";
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string upper(std::string_view text) {
    std::string result{text};
    std::ranges::transform(result, result.begin(), [](char c) { return upper(c); });
    return result;
}

bool has_word(std::string_view list, std::string_view word) {
    for (auto at = list.find(word); at != std::string_view::npos; at = list.find(word, at + 1)) {
        const auto end = at + word.size();
        if ((at == 0 || list[at - 1] == ' ' || list[at - 1] == '=') && (end == list.size() || list[end] == ' '))
            return true;
    }
    return false;
}

// What may stand between < and >: anything else could end the command and begin another.
std::optional<SmtpReply> path_refusal(std::string_view path, std::string_view enhanced) {
    const bool is_ascii = std::ranges::all_of(path, [](char c) { return c >= 0; });
    if (!is_ascii) return SmtpReply{553, "5.6.7", "refused here: the address needs SMTPUTF8"};
    const bool is_safe = !path.empty() && path.size() <= path_bytes_max &&
                         std::ranges::all_of(path, [](char c) { return c > ' ' && c < 0x7f && c != '<' && c != '>'; });
    if (!is_safe) return SmtpReply{553, std::string{enhanced}, "refused here: not an address"};
    return std::nullopt;
}

std::string plain_token(const domain::SmtpAccount& account) {
    return base64(std::string{'\0'} + account.username + '\0' + account.password.reveal());
}

// A server that repeats what it was sent must not bring the password into the log.
SmtpReply without_credentials(SmtpReply reply, const domain::SmtpAccount& account) {
    for (const auto& secret : {account.password.reveal(), base64(account.password.reveal()), plain_token(account)})
        if (!secret.empty() && reply.text.find(secret) != std::string::npos) reply.text = "(text withheld)";
    return reply;
}

}  // namespace

SmtpPhase SmtpSession::phase() const {
    switch (state_) {
        case State::greeting: return SmtpPhase::greeting;
        case State::ehlo: return SmtpPhase::ehlo;
        case State::starttls: return SmtpPhase::starttls;
        case State::handshake: return SmtpPhase::tls;
        case State::auth_plain:
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
    return answer(parser_.take());
}

SmtpEvent SmtpSession::answer(const SmtpReply& reply) {
    if (reply.code == 421) return refuse(phase(), reply);
    switch (state_) {
        case State::greeting: return greeted(reply);
        case State::ehlo: return ehlo_answered(reply);
        case State::starttls: return starttls_answered(reply);
        case State::auth_plain:
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

SmtpEvent SmtpSession::greeted(const SmtpReply& reply) {
    if (is_negative(reply)) return refuse(SmtpPhase::greeting, reply);
    if (reply.code != 220) return break_off(SmtpPhase::greeting, unexpected(reply));
    send_ehlo();
    return SmtpEvent::none;
}

void SmtpSession::send_ehlo() {
    can_ = {};
    output_ = "EHLO ";
    output_ += options_.ehlo_name;
    output_ += "\r\n";
    state_ = State::ehlo;
}

void SmtpSession::read_capabilities(std::string_view lines) {
    can_ = {};
    auto line_end = lines.find('\n');
    while (line_end != std::string_view::npos) {  // the first line is the server's name
        lines.remove_prefix(line_end + 1);
        line_end = lines.find('\n');
        const auto line = upper(lines.substr(0, line_end));
        const auto keyword = std::string_view{line}.substr(0, line.find(' '));
        if (keyword == "STARTTLS") can_.starttls = true;
        if (keyword == "PIPELINING") can_.pipelining = true;
        if (keyword == "SIZE") {
            can_.size = true;
            if (line.size() > 5) std::from_chars(line.data() + 5, line.data() + line.size(), can_.size_max);
        }
        if (keyword == "AUTH" || keyword.starts_with("AUTH=")) {
            can_.auth_plain = can_.auth_plain || has_word(line, "PLAIN");
            can_.auth_login = can_.auth_login || has_word(line, "LOGIN");
        }
    }
}

SmtpEvent SmtpSession::ehlo_answered(const SmtpReply& reply) {
    if (is_negative(reply)) return refuse(SmtpPhase::ehlo, reply);
    if (!is_positive(reply)) return break_off(SmtpPhase::ehlo, unexpected(reply));
    if (options_.account.tls == TlsMode::starttls && !tls_) {
        if (!can_.starttls) return break_off(SmtpPhase::starttls, "the server does not offer STARTTLS", true);
        output_ = "STARTTLS\r\n";
        state_ = State::starttls;
        return SmtpEvent::none;
    }
    pending_ = begin_auth();
    return SmtpEvent::ehlo_done;
}

SmtpEvent SmtpSession::starttls_answered(const SmtpReply& reply) {
    if (is_negative(reply)) return refuse(SmtpPhase::starttls, reply);
    if (reply.code != 220) return break_off(SmtpPhase::starttls, unexpected(reply));
    // Bytes sent in plain text that would be read as if they came through TLS: response injection.
    if (!input_.empty()) return break_off(SmtpPhase::starttls, "bytes after the answer to STARTTLS", true);
    can_ = {};
    state_ = State::handshake;
    return SmtpEvent::start_tls;
}

void SmtpSession::tls_started() {
    tls_ = true;
    if (state_ == State::handshake) send_ehlo();
}

SmtpEvent SmtpSession::begin_auth() {
    const auto& account = options_.account;
    if (account.username.empty()) {
        state_ = State::idle;
        return SmtpEvent::ready;
    }
    if (can_.auth_plain) {
        output_ = "AUTH PLAIN " + plain_token(account) + "\r\n";
        state_ = State::auth_result;
        if (output_.size() > auth_line_bytes_max) {
            output_ = "AUTH PLAIN\r\n";
            state_ = State::auth_plain;
        }
        return SmtpEvent::none;
    }
    if (can_.auth_login) {
        output_ = "AUTH LOGIN\r\n";
        state_ = State::auth_user;
        return SmtpEvent::none;
    }
    return break_off(SmtpPhase::auth, "the server offers neither AUTH PLAIN nor AUTH LOGIN", true);
}

SmtpEvent SmtpSession::auth_answered(const SmtpReply& reply) {
    const auto& account = options_.account;
    if (is_negative(reply)) return refuse(SmtpPhase::auth, without_credentials(reply, account));
    if (state_ == State::auth_result) {
        if (!is_positive(reply)) return break_off(SmtpPhase::auth, unexpected(reply));
        state_ = State::idle;
        say_ready_ = true;
        return SmtpEvent::authenticated;
    }
    if (reply.code != 334) return break_off(SmtpPhase::auth, unexpected(reply));
    if (state_ == State::auth_plain) output_ = plain_token(account);
    if (state_ == State::auth_user) output_ = base64(account.username);
    if (state_ == State::auth_password) output_ = base64(account.password.reveal());
    output_ += "\r\n";
    state_ = state_ == State::auth_user ? State::auth_password : State::auth_result;
    return SmtpEvent::none;
}

std::optional<SmtpReply> SmtpSession::refusal_of_ours() const {
    if (can_.size_max != 0 && mail_->message.size() > can_.size_max)
        return SmtpReply{552, "5.3.4", "refused here: larger than the server's SIZE " + std::to_string(can_.size_max)};
    return std::nullopt;
}

void SmtpSession::begin(const SmtpMail& mail) {
    assert(state_ == State::idle && !mail_ && mail.message.ends_with("\r\n"));
    say_ready_ = false;
    mail_ = mail;
    mail_refusal_.reset();
    outcome_.reset();
    rcpt_sent_ = half_done_ = dot_produced_ = false;
    at_line_start_ = true;
    body_sent_ = 0;
    if (!input_.empty() || parser_.is_amid_reply()) {
        pending_ = break_off(SmtpPhase::mail, "the server spoke out of turn");
    } else if (auto reply = path_refusal(mail.from, "5.1.7")) {
        pending_ = over(Refused{SmtpPhase::mail, std::move(*reply)}, State::idle);
    } else if (reply = path_refusal(mail.to, "5.1.3"); reply) {
        pending_ = over(Refused{SmtpPhase::rcpt, std::move(*reply)}, State::idle);
    } else if (reply = refusal_of_ours(); reply) {
        pending_ = over(Refused{SmtpPhase::mail, std::move(*reply)}, State::idle);
    } else {
        output_ = "MAIL FROM:<" + std::string{mail.from} + ">";
        if (can_.size) output_ += " SIZE=" + std::to_string(mail.message.size());
        output_ += "\r\n";
        if (can_.pipelining) send_rcpt();
        state_ = State::mail;
    }
}

void SmtpSession::send_rcpt() {
    output_ += "RCPT TO:<" + std::string{mail_->to} + ">\r\n";
    rcpt_sent_ = true;
}

SmtpEvent SmtpSession::mail_answered(const SmtpReply& reply) {
    if (is_negative(reply) && !rcpt_sent_) return over(Refused{SmtpPhase::mail, reply}, State::idle);
    if (!is_positive(reply) && !is_negative(reply)) return break_off(SmtpPhase::mail, unexpected(reply));
    state_ = State::rcpt;
    if (is_negative(reply)) {
        mail_refusal_ = reply;  // the pipelined RCPT has an answer coming
        return SmtpEvent::none;
    }
    if (!rcpt_sent_) send_rcpt();
    return SmtpEvent::mail_ok;
}

SmtpEvent SmtpSession::rcpt_answered(const SmtpReply& reply) {
    if (mail_refusal_)
        return over(Refused{SmtpPhase::mail, *mail_refusal_}, is_negative(reply) ? State::idle : State::reset);
    if (is_negative(reply)) return over(Refused{SmtpPhase::rcpt, reply}, State::reset);
    if (!is_positive(reply)) return break_off(SmtpPhase::rcpt, unexpected(reply));
    output_ = "DATA\r\n";
    state_ = State::data;
    return SmtpEvent::rcpt_ok;
}

SmtpEvent SmtpSession::data_answered(const SmtpReply& reply) {
    if (is_negative(reply)) return over(Refused{SmtpPhase::data, reply}, State::reset);
    if (reply.code != 354) return break_off(SmtpPhase::data, unexpected(reply));
    state_ = State::body;
    return SmtpEvent::data_ok;
}

void SmtpSession::produce(std::string& out) {
    if (!output_.empty()) {
        out += output_;
        output_ = {};
    } else if (state_ == State::body) {
        body_block(out);
    } else if (state_ == State::dot && !std::exchange(dot_produced_, true)) {
        out += ".\r\n";
    }
}

void SmtpSession::body_block(std::string& out) {
    const auto half = mail_->message.size() / 2;
    auto block = mail_->message.substr(body_sent_, block_bytes_max);
    if (options_.pause_at_half && !half_done_) block = block.substr(0, half - body_sent_);
    body_sent_ += block.size();
    while (!block.empty()) {
        if (at_line_start_ && block.front() == '.') out += '.';  // RFC 5321 §4.5.2
        const auto newline = block.find('\n');
        const auto line_bytes = newline == std::string_view::npos ? block.size() : newline + 1;
        out += block.substr(0, line_bytes);
        at_line_start_ = newline != std::string_view::npos;
        block.remove_prefix(line_bytes);
    }
}

void SmtpSession::written() {
    ++steps_;
    if (state_ != State::body || body_sent_ == 0) return;
    if (options_.pause_at_half && !half_done_ && body_sent_ == mail_->message.size() / 2) {
        half_done_ = true;
        pending_ = SmtpEvent::half_body;
    } else if (body_sent_ == mail_->message.size()) {
        state_ = State::permit;
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
    if (then == State::closed) output_ = {};
    return SmtpEvent::finished;
}

SmtpEvent SmtpSession::refuse(SmtpPhase phase, const SmtpReply& reply) {
    if (mail_) return over(Refused{phase, reply}, State::closed);
    over(Refused{phase, reply}, State::closed);
    said_closed_ = true;
    return SmtpEvent::closed;
}

SmtpEvent SmtpSession::break_off(SmtpPhase phase, std::string_view reason, bool needs_a_person) {
    if (mail_refusal_ && mail_) return over(Refused{SmtpPhase::mail, *mail_refusal_}, State::closed);
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
