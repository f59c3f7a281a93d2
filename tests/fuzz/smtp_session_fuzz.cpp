// The server's side of whole sessions, in every shape of mailbox: whatever it says, and however its bytes are cut, no
// dot without a permit, no mail accepted before it, no login before TLS, one end for each mail.
//
// The first bytes choose the mailbox, how the bytes are cut, and what the driver does; the rest is what the server
// says.
#include <array>
#include <cassert>
#include <cstdint>
#include <string>

#include "mail/smtp_session.hpp"

namespace {

using namespace sequitur;
using domain::AuthKind;
using domain::TlsMode;
using mail::SmtpEvent;

constexpr std::string_view password = "pa55word-of-the-mailbox";
constexpr std::string_view token = "t0ken-of-the-mailbox";
constexpr std::string_view message = "x: y\r\n\r\n.\r\n..\r\nend\r\n";
constexpr std::string_view without_dots = "Subject: x\r\n\r\nHi\r\n";
constexpr int mails_max = 20;  // one that is refused here and now makes the session ready again

struct Choices {
    explicit Choices(std::string_view bytes) {
        const auto at = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
        account.tls = std::array{TlsMode::implicit, TlsMode::starttls, TlsMode::none}[at(0) % 3];
        account.auth = std::array{AuthKind::password, AuthKind::cram_md5, AuthKind::oauth2}[at(0) / 3 % 3];
        account.username = (at(0) & 64) != 0 ? "" : "user";
        account.dsn = (at(0) & 128) != 0;
        account.address = "a@x.test";
        account.password = Secret{std::string{password}};
        cut = 1 + at(1) % 64;
        permits = (at(2) & 1) != 0;
        chains = (at(2) & 2) != 0;
        pauses = (at(2) & 4) != 0;
        recipient = (at(2) & 8) != 0 ? "j\xc3\xb6rg@y.test" : "b@y.test";
    }

    domain::SmtpAccount account;
    std::size_t cut = 1;
    bool permits = false;
    bool chains = false;
    bool pauses = false;
    std::string_view recipient;
};

class Driver {
public:
    explicit Driver(const Choices& choices) : choices_(choices), session_({choices.account, "x.test", choices.pauses}) {
        session_.use_token(Secret{std::string{token}});
        if (choices.account.tls == TlsMode::implicit) is_secure_ = true;
        if (is_secure_) session_.tls_started();
    }

    void hear(std::string_view bytes) {
        session_.received(bytes);
        settle();
    }
    void end() {
        session_.eof();
        settle();
        assert(!is_amid_mail_ && "a mail without an end");
    }

private:
    void settle() {
        while (true) {
            for (auto event = session_.next(); event != SmtpEvent::none; event = session_.next()) handle(event);
            std::string out;
            const bool is_dot = session_.is_writing_dot();
            out = session_.take_held_body();
            assert(!mail::has_dots(out) && "a dot that was not doubled");
            session_.produce(out);
            if (out.empty()) return;
            check(out);
            if (is_dot && !session_.is_dot_due()) {
                assert(choices_.permits);
                dot_out_ = true;
                session_.dot_started();
            }
            session_.written();
        }
    }

    void check(std::string_view out) const {
        const bool may_tell = is_secure_ || choices_.account.tls == TlsMode::none;
        assert(may_tell || !out.starts_with("AUTH"));
        assert(out.ends_with("\r\n") || choices_.pauses);
    }

    void handle(SmtpEvent event) {
        assert(!is_closed_ && "an event after the end");
        switch (event) {
            case SmtpEvent::start_tls:
                is_secure_ = true;
                session_.tls_started();
                break;
            case SmtpEvent::ready:
                if (mails_++ < mails_max) begin();
                break;
            case SmtpEvent::ready_for_dot:
                if (!choices_.permits) break;
                if (choices_.chains) session_.chain(mail());
                session_.proceed();
                break;
            case SmtpEvent::finished:
                assert(is_amid_mail_);
                is_amid_mail_ = false;
                told(session_.take_outcome());
                dot_out_ = false;
                break;
            case SmtpEvent::closed:
                is_closed_ = true;
                assert(!is_amid_mail_);
                break;
            default: break;
        }
    }

    void begin() {
        is_amid_mail_ = true;
        session_.begin(mail());
    }
    mail::SmtpMail mail() const {
        const auto text = choices_.cut % 2 == 0 ? message : without_dots;
        return {"a@x.test", choices_.recipient, text, {}, mail::has_dots(text)};
    }

    void told(const domain::SendOutcome& outcome) const {
        assert(dot_out_ || !std::holds_alternative<domain::Accepted>(outcome));
        const auto verdict = judge(outcome);
        assert(!verdict.detail.empty());
        if (dot_out_) return;
        assert(verdict.blame != domain::Blame::unknown && verdict.blame != domain::Blame::none);
    }

    const Choices& choices_;
    mail::SmtpSession session_;
    bool is_secure_ = false;
    bool is_amid_mail_ = false;
    bool is_closed_ = false;
    bool dot_out_ = false;
    int mails_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    const Choices choices{bytes};
    Driver driver{choices};
    for (std::size_t at = 3; at < bytes.size(); at += choices.cut) driver.hear(bytes.substr(at, choices.cut));
    driver.end();
    return 0;
}
