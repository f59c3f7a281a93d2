#include "mail/sink_session.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "mail/base64.hpp"
#include "mail/sha256.hpp"

namespace sequitur::mail {

namespace {

constexpr std::size_t line_bytes_max = 4096;

bool starts_with_word(std::string_view text, std::string_view word) {
    return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(),
                                                    [](char a, char b) { return ascii_lower(a) == ascii_lower(b); });
}

std::string path_in(std::string_view argument) {
    const auto open = argument.find('<');
    const auto close = argument.find('>');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
    return std::string{argument.substr(open + 1, close - open - 1)};
}

// The value of the Message-ID header field, or empty.
std::string message_id_of(std::string_view message) {
    while (!message.empty()) {
        const auto end = message.find('\n');
        const auto line = message.substr(0, end);
        if (line.empty() || line == "\r") return {};
        if (starts_with_word(line, "message-id:")) {
            const auto open = line.find('<');
            const auto close = line.find('>');
            return open < close && close != std::string_view::npos ? std::string{line.substr(open, close - open + 1)}
                                                                   : "";
        }
        if (end == std::string_view::npos) return {};
        message.remove_prefix(end + 1);
    }
    return {};
}

}  // namespace

void SinkSession::reply(std::string_view line) {
    if (line.starts_with('4') || line.starts_with('5')) ++refused_;
    if (line.starts_with("421")) wants_close_ = true;
    output_ += line;
    output_ += "\r\n";
}

// True when the act replaced the ordinary answer.
bool SinkSession::acted(const std::optional<SinkAct>& act) {
    if (!act) return false;
    switch (act->kind) {
        case SinkAct::Kind::reply: reply(act->line); break;
        case SinkAct::Kind::stall: mode_ = Mode::silent; break;
        case SinkAct::Kind::drop:
        case SinkAct::Kind::accept_and_drop: wants_close_ = true; break;
    }
    return true;
}

std::optional<SinkAct> SinkSession::act_for(SinkPhase phase, std::string_view argument, std::string_view address) {
    if (options_.answer)
        if (auto act = options_.answer(phase, argument)) return act;
    return address.empty() ? std::nullopt : scripts_.act(address, phase);
}

void SinkSession::greet() {
    if (!acted(act_for(SinkPhase::greeting, {}, {}))) reply("220 sink.test ESMTP");
}

void SinkSession::received(std::string_view bytes) {
    input_ += bytes;
    work();
}

void SinkSession::tls_started() {
    is_tls_ = true;
    wants_tls_ = false;
    input_.clear();
    reset();
}

void SinkSession::work() {
    std::string line;
    while (!wants_close_ && !wants_tls_) {
        switch (mode_) {
            case Mode::silent:
            case Mode::recording: return;
            case Mode::data:
                data_lines();
                if (mode_ == Mode::data) return;
                break;
            case Mode::commands:
                if (!next_line(line)) return;
                command(line);
                break;
            case Mode::auth_plain:
            case Mode::auth_user:
            case Mode::auth_password:
                if (!next_line(line)) return;
                auth_answer(line);
                break;
        }
    }
}

bool SinkSession::next_line(std::string& line) {
    const auto end = input_.find("\r\n");
    if (end == std::string::npos) {
        if (input_.size() > line_bytes_max) reply("421 4.7.0 line too long");
        return false;
    }
    line = input_.substr(0, end);
    input_.erase(0, end + 2);
    if (input_.empty()) input_ = {};
    return true;
}

void SinkSession::command(const std::string& line) {
    const std::string_view text = line;
    const auto argument = [&](std::size_t from) { return text.substr(std::min(from, text.size())); };
    if (starts_with_word(text, "MAIL FROM:")) return mail(argument(10));
    if (starts_with_word(text, "RCPT TO:")) return rcpt(argument(8));
    if (starts_with_word(text, "DATA")) return data_command();
    if (starts_with_word(text, "EHLO ") || starts_with_word(text, "HELO ")) return ehlo(argument(5));
    if (starts_with_word(text, "AUTH ")) return auth(argument(5));
    if (starts_with_word(text, "NOOP")) return reply("250 2.0.0 ok");
    if (starts_with_word(text, "RSET")) {
        reset();
        return reply("250 2.0.0 ok");
    }
    if (starts_with_word(text, "QUIT")) {
        reply("221 2.0.0 bye");
        wants_close_ = true;
        return;
    }
    if (starts_with_word(text, "STARTTLS") && options_.tls == SinkOptions::Tls::starttls && !is_tls_) {
        reply("220 2.0.0 go ahead");
        wants_tls_ = true;
        return;
    }
    reply("500 5.5.2 not understood");
}

void SinkSession::ehlo(std::string_view argument) {
    reset();
    if (acted(act_for(SinkPhase::ehlo, argument, {}))) return;
    output_ += "250-sink.test\r\n";
    if (options_.announces_pipelining) output_ += "250-PIPELINING\r\n";
    output_ += "250-SIZE " + std::to_string(options_.message_bytes_max) + "\r\n";
    if (options_.tls == SinkOptions::Tls::starttls && !is_tls_ && options_.announces_starttls)
        output_ += "250-STARTTLS\r\n";
    if (!options_.users.empty() && (is_tls_ || options_.tls != SinkOptions::Tls::starttls))
        output_ += "250-AUTH PLAIN LOGIN\r\n";
    output_ += "250-8BITMIME\r\n";
    reply("250 ENHANCEDSTATUSCODES");
}

void SinkSession::auth(std::string_view argument) {
    if (acted(act_for(SinkPhase::auth, argument, {}))) return;
    if (starts_with_word(argument, "PLAIN "))
        return mode_ = Mode::auth_plain, auth_answer(std::string{argument.substr(6)});
    if (starts_with_word(argument, "PLAIN")) {
        mode_ = Mode::auth_plain;
        return reply("334 ");
    }
    if (starts_with_word(argument, "LOGIN")) {
        mode_ = Mode::auth_user;
        return reply("334 VXNlcm5hbWU6");
    }
    reply("504 5.5.4 no such mechanism");
}

void SinkSession::auth_answer(const std::string& line) {
    const auto asked = std::exchange(mode_, Mode::commands);
    const auto text = base64_decode(line);
    if (!text) return reply("501 5.5.2 not base64");
    if (asked == Mode::auth_user) {
        user_ = *text;
        mode_ = Mode::auth_password;
        return reply("334 UGFzc3dvcmQ6");
    }
    if (asked == Mode::auth_password) return check_login(user_, *text);
    const auto first = text->find('\0');
    const auto second = text->find('\0', first + 1);
    if (first == std::string::npos || second == std::string::npos) return reply("501 5.5.2 not AUTH PLAIN");
    check_login(text->substr(first + 1, second - first - 1), text->substr(second + 1));
}

void SinkSession::check_login(const std::string& user, const std::string& password) {
    is_authenticated_ = std::ranges::find(options_.users, std::pair{user, password}) != options_.users.end();
    reply(is_authenticated_ ? "235 2.7.0 welcome" : "535 5.7.8 wrong user or password");
}

// The recipient of a RCPT that came in the same packet as MAIL.
std::string SinkSession::pipelined_recipient() const {
    return starts_with_word(input_, "RCPT TO:") ? path_in(std::string_view{input_}.substr(0, input_.find('\n'))) : "";
}

void SinkSession::mail(std::string_view argument) {
    reset();
    const auto from = path_in(argument);
    if (options_.mails_per_connection_max > 0 && mails_ >= options_.mails_per_connection_max)
        return reply("421 4.7.0 enough for one connection");
    if (!options_.users.empty() && !is_authenticated_) return reply("530 5.7.0 authenticate first");
    if (acted(act_for(SinkPhase::mail, argument, from))) return;
    if (acted(scripts_.act(pipelined_recipient(), SinkPhase::mail))) return;
    from_ = from;
    has_sender_ = true;
    ++mails_;
    reply("250 2.1.0 ok");
}

void SinkSession::rcpt(std::string_view argument) {
    if (!has_sender_) return reply("503 5.5.1 MAIL first");
    const auto to = path_in(argument);
    if (to.empty()) return reply("501 5.1.3 no address");
    if (acted(act_for(SinkPhase::rcpt, argument, to))) return;
    to_ = to;
    reply("250 2.1.5 ok");
}

void SinkSession::data_command() {
    if (to_.empty()) return reply("503 5.5.1 RCPT first");
    if (acted(act_for(SinkPhase::data, {}, to_))) return;
    mode_ = Mode::data;
    reply("354 end with a dot");
}

// A line ends in CRLF; a bare LF is part of it, so that nothing can be smuggled behind it.
void SinkSession::data_lines() {
    std::size_t at = 0;
    while (mode_ == Mode::data) {
        const auto end = input_.find("\r\n", at);
        if (end == std::string::npos) break;
        auto line = std::string_view{input_}.substr(at, end + 2 - at);
        at = end + 2;
        if (line == ".\r\n") {
            end_of_data();
            break;
        }
        if (line.starts_with('.')) line.remove_prefix(1);
        if (data_.size() + line.size() <= options_.message_bytes_max)
            data_ += line;
        else
            data_.resize(options_.message_bytes_max + 1);
    }
    input_.erase(0, at);
    if (input_.empty()) input_ = {};
}

void SinkSession::end_of_data() {
    mode_ = Mode::commands;
    if (data_.size() > options_.message_bytes_max) {
        reset();
        return reply("552 5.3.4 too large");
    }
    const auto act = act_for(SinkPhase::dot, {}, to_);
    drop_after_record_ = act && act->kind == SinkAct::Kind::accept_and_drop;
    if (act && !drop_after_record_) {
        acted(act);
        if (mode_ == Mode::commands) reset();
        return;
    }
    SinkMail mail;
    mail.message_id = message_id_of(data_);
    mail.sha256 = sha256_hex(data_);
    mail.from = from_;
    mail.to = to_;
    reply_ = drop_after_record_ ? "dropped" : "250 2.0.0 queued as " + mail.sha256.substr(0, 12);
    mail.reply = reply_;
    if (options_.keep_mails || !options_.mails_folder.empty()) mail.message = std::move(data_);
    mail_ = std::move(mail);
    mode_ = Mode::recording;
}

std::optional<SinkMail> SinkSession::take_mail() { return std::exchange(mail_, std::nullopt); }

void SinkSession::recorded(bool written) {
    mode_ = Mode::commands;
    reset();
    if (written && drop_after_record_) {
        wants_close_ = true;
        return;
    }
    reply(written ? std::string_view{reply_} : "452 4.3.1 the ledger can not be written");
    work();
}

void SinkSession::reset() {
    has_sender_ = false;
    from_.clear();
    to_.clear();
    data_ = {};
}

}  // namespace sequitur::mail
