// The opening of a session, until mail can be sent: greeting, EHLO, STARTTLS. The login: smtp_session_auth.cpp.
#include <algorithm>
#include <charconv>

#include "mail/smtp_answers.hpp"
#include "mail/smtp_session.hpp"

namespace sequitur::mail {

using domain::SmtpPhase;
using domain::SmtpReply;
using domain::TlsMode;

namespace {

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

}  // namespace

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
        if (keyword == "DSN") can_.dsn = true;
        if (keyword == "SMTPUTF8") can_.smtputf8 = true;
        if (keyword == "SIZE") {
            can_.size = true;
            if (line.size() > 5) std::from_chars(line.data() + 5, line.data() + line.size(), can_.size_max);
        }
        if (keyword == "AUTH" || keyword.starts_with("AUTH=")) {
            can_.auth_plain = can_.auth_plain || has_word(line, "PLAIN");
            can_.auth_login = can_.auth_login || has_word(line, "LOGIN");
            can_.auth_cram_md5 = can_.auth_cram_md5 || has_word(line, "CRAM-MD5");
            can_.auth_xoauth2 = can_.auth_xoauth2 || has_word(line, "XOAUTH2");
            can_.auth_oauthbearer = can_.auth_oauthbearer || has_word(line, "OAUTHBEARER");
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

}  // namespace sequitur::mail
