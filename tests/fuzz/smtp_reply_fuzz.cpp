// A server's bytes, cut wherever: the parser and the whole session take them without harm.
#include <cassert>
#include <cstdint>

#include "mail/smtp_session.hpp"

namespace {

using namespace sequitur;

// The same bytes read whole and read one by one are the same reply.
void compare_cuts(std::string_view bytes) {
    mail::SmtpReplyParser whole;
    mail::SmtpReplyParser cut;
    auto rest = bytes;
    const auto state = whole.feed(rest);
    auto cut_state = mail::SmtpReplyParser::State::more;
    for (std::size_t i = 0; i < bytes.size() && cut_state == mail::SmtpReplyParser::State::more; ++i) {
        auto one = bytes.substr(i, 1);
        cut_state = cut.feed(one);
    }
    assert(state == cut_state);
    if (state != mail::SmtpReplyParser::State::complete) return;
    const auto reply = whole.take();
    assert(reply.code >= 200 && reply.code <= 599 && reply.text.size() <= mail::reply_text_bytes_max);
    assert(reply.text == cut.take().text);
}

// Whatever the server says, no dot without proceed() and no mail accepted before it.
void converse(std::string_view bytes, bool permitted) {
    domain::SmtpAccount account;
    account.tls = domain::TlsMode::none;
    account.username = "u";
    mail::SmtpSession session{{account, "x.test", false}};
    const std::string message = "x: y\r\n\r\n.\r\n";
    constexpr int mails_max = 20;  // one that is refused here and now makes the session ready again
    int mails = 0;
    bool dot_out = false;
    for (std::size_t i = 0; i <= bytes.size(); i += 7) {
        session.received(bytes.substr(i, 7));
        for (auto event = session.next(); event != mail::SmtpEvent::none; event = session.next()) {
            if (event == mail::SmtpEvent::ready && mails++ < mails_max)
                session.begin({"a@x.test", "b@y.test", message});
            if (event == mail::SmtpEvent::ready_for_dot && permitted) session.proceed();
            if (event == mail::SmtpEvent::finished)
                assert(dot_out || !std::holds_alternative<domain::Accepted>(session.take_outcome()));
            if (event == mail::SmtpEvent::finished) dot_out = false;
        }
        std::string out;
        const bool is_dot = session.is_writing_dot();
        session.produce(out);
        if (is_dot && !out.empty()) {
            assert(permitted);
            dot_out = true;
            session.dot_started();
        }
        if (!out.empty()) session.written();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    compare_cuts(bytes);
    converse(bytes, true);
    converse(bytes, false);
    return 0;
}
