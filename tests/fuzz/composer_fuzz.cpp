// Any input: refused, or a mail of ASCII lines within the limits whose headers are the ones we wrote.
#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <stdexcept>

#include "mail/composer.hpp"

namespace {

void check(std::string_view message) {
    assert(std::ranges::all_of(message, [](char c) { return c > 0; }));
    assert(message.ends_with("\r\n"));
    const auto head = message.substr(0, message.find("\r\n\r\n"));
    constexpr std::array<std::string_view, 15> names{"From",
                                                     "To",
                                                     "Reply-To",
                                                     "Subject",
                                                     "Date",
                                                     "Message-ID",
                                                     "In-Reply-To",
                                                     "References",
                                                     "MIME-Version",
                                                     "X-Sequitur-Id",
                                                     "List-Unsubscribe",
                                                     "X-Any",
                                                     "Content-Type",
                                                     "List-Unsubscribe-Post",
                                                     "Feedback-ID"};
    bool is_head = true;
    while (!message.empty()) {
        const auto end = message.find("\r\n");
        const auto line = message.substr(0, end);
        assert(end != std::string_view::npos && line.size() <= 998);
        assert(line.find_first_of("\r\n") == std::string_view::npos);
        is_head = is_head && !line.empty();
        // In a mail without parts the encoding stands in the head, too.
        if (is_head && !line.starts_with(' ') && head.find("\r\nContent-Type: multipart/") != std::string_view::npos)
            assert(std::ranges::find(names, line.substr(0, line.find(':'))) != names.end());
        message.remove_prefix(end + 2);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest{reinterpret_cast<const char*>(data), size};
    const auto take = [&] {
        const auto end = std::min(rest.find('\x1f'), rest.size());
        const auto part = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        return std::string{part};
    };
    sequitur::domain::MailParts parts;
    parts.from_address = "me@y.test";
    parts.to_address = "you@x.test";
    // Each of them is of the list or refused.
    if (auto reply_to = take(); !reply_to.empty()) parts.reply_to = std::move(reply_to);
    if (auto url = take(); !url.empty()) parts.unsubscribe_url = "https://" + url;
    if (auto mailto = take(); !mailto.empty()) parts.unsubscribe_mailto = "mailto:" + mailto;
    if (auto value = take(); !value.empty()) parts.custom_headers = {{"X-Any", value}, {"Feedback-ID", value}};
    if (auto name = take(); !name.empty()) parts.attachments = {{name, "application/pdf", name}};
    parts.from_name = take();
    parts.to_name = take();
    parts.subject = take();
    if (auto id = take(); !id.empty()) parts.references.push_back(std::move(id));
    if (auto text = take(); !text.empty()) parts.text = std::move(text);
    parts.html = std::string{rest};
    try {
        const auto first = sequitur::mail::MimeComposer{}.compose(parts);
        assert(first == sequitur::mail::MimeComposer{}.compose(parts));
        check(first);
    } catch (const std::invalid_argument&) { return 0; }
    return 0;
}
