// An SMTP server for demos and tests: takes every mail, delivers none, and misbehaves by script.
//
// Accepted mail stands in the ledger, written and synced, before the server says so: one JSON object a
// line, `{at,message_id,sha256,from,to,reply}`. Whatever else claims to have been sent is measured by it.
//
// Script, by the recipient's local part: `CODE.PHASE.rest`, PHASE one of mail rcpt data dot:
//   550.rcpt.x@        refuses with this code            451.dot.x2.y@  only the first 2 tries of this recipient
//   drop.dot.x@        accepts, then hangs up unanswered dropbefore.dot.x@  hangs up without accepting
//   stall.PHASE.x@     never answers
// `mail` is answered before the recipient is said, so it works for a pipelined RCPT or on the sender's address.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace sequitur::mail {

enum class SinkPhase { greeting, ehlo, auth, mail, rcpt, data, dot };

/// What to do instead of the ordinary answer.
struct SinkAct {
    enum class Kind { reply, drop, accept_and_drop, stall };
    Kind kind = Kind::reply;
    std::string line;  ///< for `reply`: "550 5.1.1 no such user"
};

struct SinkMail {
    TimePoint at;
    std::string message_id;
    std::string sha256;
    std::string from;
    std::string to;
    std::string reply;
    std::string message;  ///< as received, dots unstuffed; only with keep_mails or mails_folder
};

struct SinkOptions {
    enum class Tls { none, starttls, implicit };

    std::string host = "127.0.0.1";
    int port = 0;  ///< 0: any free one
    std::string ledger_file;  ///< empty: no ledger
    Tls tls = Tls::none;
    std::string certificate_file;
    std::string key_file;
    std::vector<std::pair<std::string, std::string>> users;  ///< not empty: AUTH is asked for
    std::size_t message_bytes_max = 50 * 1024 * 1024;
    bool announces_pipelining = true;
    bool announces_starttls = true;  ///< false: a server in the middle has removed it
    bool keep_mails = false;
    std::string mails_folder;  ///< each accepted mail is a file there, SHA256.eml; empty: none is kept
    int mails_per_connection_max = 0;  ///< then 421 at MAIL; 0: any number
    /// For tests; called on the sink's thread with the argument of the command. nullopt: the ordinary answer.
    std::function<std::optional<SinkAct>(SinkPhase, std::string_view)> answer;
};

struct SinkCounters {
    std::uint64_t connections = 0;
    std::uint64_t open = 0;      ///< connections open now
    std::uint64_t accepted = 0;  ///< mails, ledger written
    std::uint64_t refused = 0;   ///< negative replies
};

class Sink {
public:
    /// Throws std::runtime_error when it can not listen, or can not open the ledger.
    Sink(SinkOptions options, const Clock& clock);
    /// Hangs up on everybody.
    ~Sink();
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;

    int port() const;
    SinkCounters counters() const;
    std::vector<SinkMail> mails() const;
    /// Returns true as soon as `count` mails were accepted, false after `longest`.
    bool wait_for_mails(std::uint64_t count, Duration longest) const;
    /// Hangs up on every client now; they may come back.
    void hang_up();
    /// Resets every connection (RFC 9293 §3.5.2), as a machine that restarts does; done when it returns.
    void reset();

private:
    struct Server;
    std::unique_ptr<Server> server_;
};

}  // namespace sequitur::mail
