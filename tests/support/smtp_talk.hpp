// One side of an SMTP conversation for tests: hears what a server says, keeps what the session says.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mail/smtp_session.hpp"

namespace sequitur::test {

using mail::SmtpEvent;
using mail::SmtpSession;

inline constexpr std::string_view message = "Subject: x\r\n\r\n.dot\r\nend\r\n";

// Says the next line of its script whenever the session has spoken, and keeps what both said.
class SmtpTalk {
public:
    explicit SmtpTalk(domain::TlsMode tls = domain::TlsMode::none, std::string user = "", bool pause_at_half = false)
        : SmtpTalk(account(tls, std::move(user)), pause_at_half) {}
    explicit SmtpTalk(domain::SmtpAccount account, bool pause_at_half = false)
        : account_(std::move(account)), session_({account_, "client.test", pause_at_half}) {
        if (account_.tls == domain::TlsMode::implicit) session_.tls_started();
    }

    void hear(std::string_view bytes) {
        session_.received(bytes);
        settle();
    }

    void settle() {
        while (true) {
            for (auto event = session_.next(); event != SmtpEvent::none; event = session_.next()) {
                events.push_back(event);
                if (event == SmtpEvent::finished) outcome = session_.take_outcome();
                if (event == SmtpEvent::ready && at_ready) std::exchange(at_ready, {})();
                if (event == SmtpEvent::closed && !outcome && session_.outcome()) outcome = session_.outcome();
            }
            std::string block;
            session_.produce(block);
            if (block.empty()) return;
            sent += block;
            session_.written();
        }
    }

    std::string take_sent() { return std::exchange(sent, {}); }
    bool has(SmtpEvent event) const { return std::ranges::find(events, event) != events.end(); }
    SmtpSession& session() { return session_; }

    void begin(std::string_view text = message, std::string_view to = "c@x.test") {
        session_.begin({.from = "me@y.test", .to = to, .message = text});
        settle();
    }
    /// A first mail, with all that a server can say for it.
    void pass_one() {
        begin();
        hear("250 ok\r\n250 ok\r\n");
        hear("354 go\r\n");
        session_.proceed();
        settle();
        session_.dot_started();
        hear("250 2.0.0 taken\r\n");
        sent.clear();
        outcome.reset();
    }
    void reach_ready(std::string_view capabilities = "250 mail.test\r\n") {
        hear("220 mail.test\r\n");
        hear(capabilities);
        take_sent();
    }
    void reach_permit(std::string_view capabilities = "250 mail.test\r\n") {
        reach_ready(capabilities);
        begin();
        hear("250 ok\r\n");
        hear("250 ok\r\n");
        hear("354 go\r\n");
        take_sent();
    }

    std::function<void()> at_ready;  ///< once
    std::vector<SmtpEvent> events;
    std::optional<domain::SendOutcome> outcome;
    std::string sent;

private:
    static domain::SmtpAccount account(domain::TlsMode tls, std::string user) {
        domain::SmtpAccount account;
        account.tls = tls;
        account.username = std::move(user);
        account.password = Secret{"p"};
        return account;
    }
    domain::SmtpAccount account_;
    SmtpSession session_;
};

inline domain::Refused refused(const SmtpTalk& talk) { return std::get<domain::Refused>(talk.outcome.value()); }
inline domain::Broken broken(const SmtpTalk& talk) { return std::get<domain::Broken>(talk.outcome.value()); }

}  // namespace sequitur::test
