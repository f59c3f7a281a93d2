// The client's side of an SMTP conversation, without sockets and without a clock: bytes in, bytes and
// events out. One recipient a transaction; several transactions a connection.
//
// The driver repeats: `next()` until it says `none`, acting on what it says; then write what `produce`
// gives. It reports `received`, `written` (all of it is with the kernel), `eof`, `io_error` and
// `timed_out`, and asks `phase()` for how long to wait.
//
// Promises: nothing but ".\r\n" is missing when `ready_for_dot` is said (in bulk, decision 0047, also the body, if it
// fits into a block), and it is written only after proceed();
// never HELO, never AUTH in plain text unless `plaintext` says so, never on after a broken STARTTLS. Where the server
// pipelines, MAIL and RCPT are one group, which may stand behind the dot of the mail before. DATA waits for the answer
// to RCPT, until the server has taken one mail's recipient on this connection and refused none: then it belongs to the
// group (decision 0037). A 354 after a refused recipient ends the connection: not even an empty mail gets a dot
// without a permit. RFC 5321, 2920, 3207, 4954, 1870, 3461, 6531.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/delivery.hpp"
#include "domain/ports/mail_transport.hpp"
#include "mail/smtp_commands.hpp"
#include "mail/smtp_reply.hpp"

namespace sequitur::mail {

enum class SmtpEvent {
    none,
    ehlo_done,  ///< the EHLO that counts was answered
    start_tls,  ///< handshake now, then tls_started(); nothing may be read as plain text any more
    authenticated,
    ready,  ///< begin() may be called
    mail_ok,
    rcpt_ok,
    data_ok,  ///< 354
    half_body,  ///< half of the message is with the kernel (only with pause_at_half)
    ready_for_dot,
    finished,  ///< take_outcome() has what became of the mail; `closed` or `ready` follows
    closed,  ///< of no more use: close the connection. outcome() says why
};

class SmtpSession {
public:
    struct Options {
        const domain::SmtpAccount& account;
        std::string_view ehlo_name;
        bool pause_at_half = false;
    };
    /// Borrows what `options` points to.
    explicit SmtpSession(Options options) : options_(options) {}

    SmtpEvent next();
    void received(std::string_view bytes);
    /// Appends at most one block of bytes to write; nothing when there is none.
    void produce(std::string& out);
    /// For a driver that writes from where the bytes are: the body that waited for its permit, which goes before what
    /// produce() gives. Empty: produce() has it, since a dot may be doubled in it, or there is none.
    std::string_view take_held_body();
    void written();
    void eof() { io_error("connection closed by the server"); }
    void io_error(std::string_view reason, bool needs_a_person = false);
    void timed_out() { io_error("no answer in time"); }

    /// The name to say in EHLO, borrowed: known only once there is a connection.
    void rename(std::string_view ehlo_name) { options_.ehlo_name = ehlo_name; }
    /// What to log in with, where the mailbox does so by token. Before the first reply.
    void use_token(Secret token) { token_ = std::move(token); }
    void tls_started();
    void begin(const SmtpMail& mail);
    /// While a permit is awaited: the group of the mail that follows goes out behind the dot. False where it can not;
    /// else nothing but begin() with that mail, or the end, may follow `ready`.
    bool chain(const SmtpMail& next);
    bool may_chain() const { return state_ == State::permit && can_.pipelining; }
    bool is_chained() const { return chained_; }
    /// The message itself, while it is not needed: gone, or another copy of the same bytes. Due at data_ok.
    void supply(std::string_view message, bool may_have_dots = true);
    void proceed();
    /// The first byte of the dot is with the kernel: from here on only an answer tells.
    void dot_started() { state_ = State::after_dot; }
    void quit();

    /// The phase whose time-out applies now.
    domain::SmtpPhase phase() const;
    bool is_ready() const { return state_ == State::idle; }
    bool is_amid_mail() const { return mail_.has_value(); }
    bool is_before_body() const { return mail_ && state_ >= State::mail && state_ <= State::data; }
    bool is_resetting() const { return state_ == State::reset; }
    bool is_writing_dot() const { return state_ == State::dot; }
    bool awaits_permit() const { return state_ == State::permit; }
    /// The body waits for the permit and goes out with the dot: the message is needed until then.
    bool holds_body() const { return holds_body_ && (state_ == State::permit || state_ == State::dot); }
    /// produce() gives the dot next; what it gave before ends where the dot begins.
    bool is_dot_due() const { return state_ == State::dot && !dot_produced_; }
    /// Grows with every reply and block: a new one starts a new wait.
    std::uint32_t steps() const { return steps_; }
    domain::SendOutcome take_outcome() { return std::move(*outcome_); }
    const std::optional<domain::SendOutcome>& outcome() const { return outcome_; }

private:
    enum class State : std::uint8_t {
        greeting,
        ehlo,
        starttls,
        handshake,
        auth_initial,  ///< asked whether the response may come
        auth_challenge,  ///< CRAM-MD5
        auth_user,
        auth_password,
        auth_result,
        idle,
        mail,
        rcpt,
        data,
        body,
        permit,
        dot,
        after_dot,
        reset,
        closed
    };

    SmtpEvent next_reply();
    bool is_go_ahead(int code) const;
    SmtpEvent answer(const domain::SmtpReply& reply);
    SmtpEvent greeted(const domain::SmtpReply& reply);
    SmtpEvent ehlo_answered(const domain::SmtpReply& reply);
    SmtpEvent starttls_answered(const domain::SmtpReply& reply);
    SmtpEvent auth_answered(const domain::SmtpReply& reply);
    SmtpEvent mail_answered(const domain::SmtpReply& reply);
    SmtpEvent rcpt_answered(const domain::SmtpReply& reply);
    SmtpEvent data_answered(const domain::SmtpReply& reply);
    SmtpEvent dot_answered(const domain::SmtpReply& reply);
    SmtpEvent reset_answered(const domain::SmtpReply& reply);
    SmtpEvent begin_auth();
    SmtpEvent begin_auth_with_token();
    SmtpEvent send_initial(std::string_view mechanism, std::string response);
    SmtpEvent ask_auth(std::string_view command, State then);
    SmtpEvent answer_challenge(std::string_view challenge);
    domain::SmtpReply without_credentials(domain::SmtpReply reply) const;
    SmtpEvent refuse(domain::SmtpPhase phase, const domain::SmtpReply& reply);
    SmtpEvent break_off(domain::SmtpPhase phase, std::string_view reason, bool needs_a_person = false);
    SmtpEvent over(domain::SendOutcome outcome, State then);
    std::optional<domain::SendOutcome> refusal_of_ours(const SmtpMail& mail) const;
    EnvelopeOptions envelope_options(const SmtpMail& mail) const;
    void send_mail(const SmtpMail& mail);
    SmtpEvent refuse_recipient(domain::SmtpPhase phase, const domain::SmtpReply& reply);
    void read_capabilities(std::string_view lines);
    void send_ehlo();
    void send_rcpt(const SmtpMail& mail);
    void send_data();
    bool can_hold_body() const;
    void body_block(std::string& out);

    enum class Said { mail, rcpt, data };
    struct Capabilities {
        bool starttls = false;
        bool pipelining = false;
        bool size = false;
        bool auth_plain = false;
        bool auth_login = false;
        bool auth_cram_md5 = false;
        bool auth_xoauth2 = false;
        bool auth_oauthbearer = false;
        bool dsn = false;
        bool smtputf8 = false;
        std::uint64_t size_max = 0;
    };

    Options options_;
    State state_ = State::greeting;
    bool tls_ = false;
    bool was_explained_ = false;  ///< why the token is refused
    Said said_ = Said::mail;  ///< how far the mail's group has gone out
    bool may_group_data_ = false;
    bool has_refused_ = false;  ///< a sender or recipient, on this connection
    bool is_open_ = false;  ///< the server took MAIL or RCPT
    bool half_done_ = false;
    bool at_line_start_ = true;
    bool dot_produced_ = false;
    bool holds_body_ = false;
    bool chained_ = false;  ///< the group of the next mail is in `output_` or sent
    bool say_ready_ = false;
    bool said_closed_ = false;
    SmtpEvent pending_ = SmtpEvent::none;
    Capabilities can_;
    std::uint32_t steps_ = 0;
    std::size_t body_sent_ = 0;
    SmtpReplyParser parser_;
    std::string input_;
    std::string output_;
    Secret token_;
    Secret initial_response_;  ///< until the login is over
    std::optional<SmtpMail> mail_;
    std::optional<domain::Refused> refusal_;  ///< of MAIL or RCPT, while the rest of the group has answers coming
    std::optional<domain::SendOutcome> outcome_;
};

}  // namespace sequitur::mail
