// One reply of an SMTP server, read as its bytes arrive (RFC 5321 §4.2).
//
// `ddd-text` lines with one and the same code, ended by `ddd text`; the code alone is accepted, as the
// RFC asks of clients. A line holds at most 4,096 bytes (the RFC says 512), a reply 64 KiB. Whatever
// breaks these rules is garbage: what a server says after it can not be trusted.
#pragma once

#include <string>
#include <string_view>

#include "domain/delivery.hpp"

namespace sequitur::mail {

constexpr std::size_t reply_line_bytes_max = 4096;
constexpr std::size_t reply_bytes_max = 64 * 1024;
constexpr std::size_t reply_text_bytes_max = 1000;

class SmtpReplyParser {
public:
    enum class State { more, complete, garbage };

    /// Takes bytes from the front of `input`, up to the end of one reply.
    State feed(std::string_view& input);

    /// After `complete`: every line without its code, joined by '\n'. What EHLO is read from.
    const std::string& lines() const { return lines_; }
    int code() const { return code_; }
    /// After `complete`: the reply with its enhanced code taken out of the text; ready for the next one.
    domain::SmtpReply take();
    /// After `garbage`: what is wrong, in words.
    const std::string& problem() const { return problem_; }
    /// A reply has begun and is not complete.
    bool is_amid_reply() const { return code_ != 0 || !line_.empty(); }
    void reset();

private:
    State end_line();
    State garbage(std::string_view problem);

    int code_ = 0;
    std::size_t bytes_ = 0;
    std::string line_;
    std::string lines_;
    std::string problem_;
};

/// "5.1.1" at the front of `text` when its class is the first digit of `code` (RFC 2034 §4), else empty.
std::string_view enhanced_code(std::string_view text, int code);

}  // namespace sequitur::mail
