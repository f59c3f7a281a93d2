// The server's side of one SMTP conversation, without sockets: bytes in, bytes and wishes out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "mail/sink.hpp"
#include "mail/sink_script.hpp"

namespace sequitur::mail {

class SinkSession {
public:
    SinkSession(const SinkOptions& options, SinkScripts& scripts) : options_(options), scripts_(scripts) {}

    void greet();
    void received(std::string_view bytes);
    void tls_started();

    /// Bytes to send now.
    std::string take_output() { return std::exchange(output_, {}); }
    bool wants_close() const { return wants_close_; }
    /// After the output: handshake, then tls_started().
    bool wants_tls() const { return wants_tls_; }
    /// A mail to put into the ledger, once; recorded() answers and goes on.
    std::optional<SinkMail> take_mail();
    void recorded(bool written);
    std::uint64_t take_refused() { return std::exchange(refused_, 0); }

private:
    enum class Mode { commands, auth_plain, auth_user, auth_password, data, recording, silent };

    void work();
    bool next_line(std::string& line);
    void command(const std::string& line);
    void ehlo(std::string_view argument);
    void auth(std::string_view argument);
    void auth_answer(const std::string& line);
    void check_login(const std::string& user, const std::string& password);
    void mail(std::string_view argument);
    void rcpt(std::string_view argument);
    void data_command();
    void data_lines();
    void end_of_data();
    bool acted(const std::optional<SinkAct>& act);
    std::optional<SinkAct> act_for(SinkPhase phase, std::string_view argument, std::string_view address);
    std::string pipelined_recipient() const;
    void reply(std::string_view line);
    void reset();

    const SinkOptions& options_;
    SinkScripts& scripts_;
    Mode mode_ = Mode::commands;
    bool is_tls_ = false;
    bool is_authenticated_ = false;
    bool wants_close_ = false;
    bool wants_tls_ = false;
    bool drop_after_record_ = false;
    bool has_sender_ = false;
    int mails_ = 0;
    std::uint64_t refused_ = 0;
    std::string input_;
    std::string output_;
    std::string user_;
    std::string from_;
    std::string to_;
    std::string data_;
    std::string reply_;
    std::optional<SinkMail> mail_;
};

}  // namespace sequitur::mail
