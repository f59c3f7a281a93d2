#include "mail/smtp_reply.hpp"

#include <algorithm>

#include "base/release.hpp"

namespace sequitur::mail {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits(std::string_view text, std::size_t from) {
    std::size_t n = 0;
    while (from + n < text.size() && is_digit(text[from + n])) ++n;
    return n;
}

// Replies end up in logs and API answers: control characters would forge lines there.
void make_printable(std::string& text) {
    std::ranges::replace_if(text, [](char c) { return (c >= 0 && c < ' ' && c != '\n') || c == 0x7f; }, ' ');
}

/// Most replies are as short as the last one was.
void empty(std::string& text) {
    constexpr std::size_t kept_bytes_max = 128;
    if (text.capacity() <= kept_bytes_max)
        text.clear();
    else
        release(text);
}

}  // namespace

std::string_view enhanced_code(std::string_view text, int code) {
    if (text.size() < 5 || text[0] != '0' + code / 100 || text[1] != '.') return {};
    if (code / 100 != 2 && code / 100 != 4 && code / 100 != 5) return {};
    const auto subject = digits(text, 2);
    if (subject < 1 || subject > 3 || 2 + subject >= text.size() || text[2 + subject] != '.') return {};
    const auto detail = digits(text, 3 + subject);
    if (detail < 1 || detail > 3) return {};
    const auto end = 3 + subject + detail;
    if (end < text.size() && (is_digit(text[end]) || text[end] == '.')) return {};
    return text.substr(0, end);
}

SmtpReplyParser::State SmtpReplyParser::feed(std::string_view& input) {
    if (!problem_.empty()) return State::garbage;
    while (!input.empty()) {
        const auto newline = input.find('\n');
        const auto part = input.substr(0, newline);
        bytes_ += part.size() + 1;
        if (line_.size() + part.size() > reply_line_bytes_max + 1) return garbage("a reply line above 4,096 bytes");
        if (bytes_ > reply_bytes_max) return garbage("a reply above 64 KiB");
        line_ += part;
        if (newline == std::string_view::npos) {
            input = {};
            return State::more;
        }
        input.remove_prefix(newline + 1);
        if (line_.ends_with('\r')) line_.pop_back();
        const auto state = end_line();
        if (state != State::more) return state;
    }
    return State::more;
}

SmtpReplyParser::State SmtpReplyParser::end_line() {
    if (line_.size() > reply_line_bytes_max) return garbage("a reply line above 4,096 bytes");
    if (digits(line_, 0) != 3) return garbage("a reply without a three-digit code");
    const auto code = (line_[0] - '0') * 100 + (line_[1] - '0') * 10 + (line_[2] - '0');
    if (code < 200 || code > 599) return garbage("a reply code outside 200 to 599");
    if (code_ != 0 && code != code_) return garbage("two codes in one reply");
    const char mark = line_.size() > 3 ? line_[3] : ' ';
    if (mark != ' ' && mark != '-') return garbage("a reply code without a blank or a hyphen after it");
    if (code_ != 0) lines_ += '\n';
    code_ = code;
    if (line_.size() > 4) lines_ += std::string_view{line_}.substr(4);
    line_.clear();
    return mark == ' ' ? State::complete : State::more;
}

SmtpReplyParser::State SmtpReplyParser::garbage(std::string_view problem) {
    problem_ = problem;
    return State::garbage;
}

domain::SmtpReply SmtpReplyParser::take() {
    domain::SmtpReply reply{.code = code_, .enhanced = {}, .text = {}};
    std::string_view rest = lines_;
    reply.enhanced = enhanced_code(rest.substr(0, rest.find('\n')), code_);
    while (true) {
        const auto end = rest.find('\n');
        auto line = rest.substr(0, end);
        if (const auto repeated = enhanced_code(line, code_); !repeated.empty()) {
            line.remove_prefix(repeated.size());
            if (line.starts_with(' ')) line.remove_prefix(1);
        }
        reply.text += line;
        if (end == std::string_view::npos) break;
        reply.text += '\n';
        rest.remove_prefix(end + 1);
    }
    reply.text.resize(std::min(reply.text.size(), reply_text_bytes_max));
    make_printable(reply.text);
    reset();
    return reply;
}

void SmtpReplyParser::reset() {
    code_ = 0;
    bytes_ = 0;
    empty(line_);
    empty(lines_);
    empty(problem_);
}

}  // namespace sequitur::mail
