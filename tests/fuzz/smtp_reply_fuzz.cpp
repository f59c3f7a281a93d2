// A server's reply, cut wherever: the parser takes it without harm. The session: smtp_session_fuzz.cpp.
#include <cassert>
#include <cstdint>

#include "mail/smtp_reply.hpp"

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    compare_cuts(bytes);
    return 0;
}
