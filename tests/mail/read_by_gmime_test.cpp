// Whatever goes into a mail comes out of it again when GMime reads it.
#include <gmime/gmime.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <random>

#include "mail/composer.hpp"

namespace sequitur::mail {

namespace {

template <class Object> using Owned = std::unique_ptr<Object, decltype(&g_object_unref)>;
template <class Object> Owned<Object> owned(Object* object) { return {object, &g_object_unref}; }

std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }

/// Text of several alphabets, without controls, blanks at the ends, and what turns the reading direction. One number
/// makes it: a generator for each character makes a mail a second.
class Chance {
public:
    explicit Chance(unsigned seed) : engine_(seed) {}

    std::size_t below(std::size_t end) { return engine_() % end; }
    std::string text(std::size_t characters_max) {
        static const std::vector<std::string> others{" ",  "ü",  "ß",  "é",  "ё",      "Ж",  "東",
                                                     "京", "🚀", "=?", "?=", "\u00A0", "\"", "\\"};
        std::string text;
        for (auto left = below(characters_max); left > 0; --left)
            text += below(3) == 0 ? others[below(others.size())] : std::string(1, static_cast<char>(' ' + below(95)));
        const auto from = text.find_first_not_of(' ');
        return from == std::string::npos ? std::string{} : text.substr(from, text.find_last_not_of(' ') - from + 1);
    }
    std::string body() {
        std::string body;
        for (auto left = 1 + below(6); left > 0; --left) body += text(150) + " \n";
        return body;
    }

private:
    std::mt19937 engine_;
};

std::string unix_lines(std::string text) {
    std::erase(text, '\r');
    return text;
}

std::string content_of(GMimeObject* part) {
    if (GMIME_IS_TEXT_PART(part)) {
        char* text = g_mime_text_part_get_text(GMIME_TEXT_PART(part));
        std::string found = text_or_empty(text);
        g_free(text);
        return unix_lines(found);
    }
    const auto stream = owned(g_mime_stream_mem_new());
    g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(part)), stream.get());
    const auto* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
    return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

struct Person {
    std::string name;
    std::string address;
};
Person person(InternetAddressList* list) {
    RC_ASSERT(internet_address_list_length(list) == 1);
    auto* address = internet_address_list_get_address(list, 0);
    return {text_or_empty(internet_address_get_name(address)),
            text_or_empty(internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(address)))};
}

domain::MailParts any_parts(Chance& chance) {
    const std::vector<std::string> addresses{"b@x.test", "jörg@x.test", "a+b.c@xn--mnchen-3ya.test"};
    domain::MailParts parts;
    parts.email = EmailId::make(TimePoint{});
    parts.from_name = chance.text(80);
    parts.from_address = "ada@y.test";
    parts.to_name = chance.text(30);
    parts.to_address = addresses[chance.below(addresses.size())];
    parts.subject = chance.text(200);
    parts.html = "<p>" + chance.body() + "</p>\n";
    parts.text = chance.body();
    parts.date = TimePoint{} + std::chrono::seconds{chance.below(2'000'000'000)};
    parts.utc_offset_minutes = static_cast<int>(chance.below(1'560)) - 720;
    parts.reply_to = "desk@y.test";
    parts.unsubscribe_url = "https://t.test/u/" + std::string(chance.below(300), 'T');
    for (auto i = chance.below(4); i > 0; --i)
        parts.references.push_back("<" + std::to_string(i) + std::string(40, 'r') + "@y.test>");
    parts.custom_headers = {{"X-Note", chance.text(100)}};
    return parts;
}

std::string header(GMimeMessage* message, const char* name) {
    return text_or_empty(g_mime_object_get_header(GMIME_OBJECT(message), name));
}

struct Parsed {
    explicit Parsed(const std::string& bytes)
        : is_ready((g_mime_init(), true)),
          stream(owned(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()))),
          parser(owned(g_mime_parser_new_with_stream(stream.get()))),
          message(owned(g_mime_parser_construct_message(parser.get(), nullptr))) {}

    bool is_ready;  ///< before anything else of GMime; once is enough, again does no harm
    Owned<GMimeStream> stream;
    Owned<GMimeParser> parser;
    Owned<GMimeMessage> message;
};

RC_GTEST_PROP(ReadByGmime, HeadersComeBack, (unsigned seed)) {
    Chance chance{seed};
    const auto parts = any_parts(chance);
    const Parsed parsed{MimeComposer{}.compose(parts)};
    auto* message = parsed.message.get();
    const auto from = person(g_mime_message_get_from(message));
    RC_ASSERT(from.name == parts.from_name);
    RC_ASSERT(from.address == parts.from_address);
    const auto to = person(g_mime_message_get_to(message));
    RC_ASSERT(to.name == parts.to_name);
    RC_ASSERT(to.address == parts.to_address);
    RC_ASSERT(person(g_mime_message_get_reply_to(message)).address == parts.reply_to);
    RC_ASSERT(text_or_empty(g_mime_message_get_subject(message)) == parts.subject);
    RC_ASSERT(header(message, "X-Note") == parts.custom_headers[0].second);
    RC_ASSERT(header(message, "List-Unsubscribe") == "<" + parts.unsubscribe_url + ">");
    auto* date = g_mime_message_get_date(message);
    RC_ASSERT(g_date_time_to_unix(date) ==
              std::chrono::floor<std::chrono::seconds>(parts.date).time_since_epoch().count());
    RC_ASSERT("<" + text_or_empty(g_mime_message_get_message_id(message)) + ">" ==
              message_id_of(parts.email, "y.test"));
    std::string references;
    for (const auto& id : parts.references) references += (references.empty() ? "" : " ") + id;
    RC_ASSERT(header(message, "References") == references);
}

RC_GTEST_PROP(ReadByGmime, BothTextsComeBack, (unsigned seed)) {
    Chance chance{seed};
    const auto parts = any_parts(chance);
    const Parsed parsed{MimeComposer{}.compose(parts)};
    auto* body = GMIME_MULTIPART(g_mime_message_get_mime_part(parsed.message.get()));
    RC_ASSERT(g_mime_multipart_get_count(body) == 2);
    RC_ASSERT(content_of(g_mime_multipart_get_part(body, 0)) == *parts.text);
    RC_ASSERT(content_of(g_mime_multipart_get_part(body, 1)) == parts.html);
}

RC_GTEST_PROP(ReadByGmime, AttachmentsComeBack, (unsigned seed)) {
    Chance chance{seed};
    auto parts = any_parts(chance);
    std::string content;
    for (auto left = chance.below(300); left > 0; --left) content += static_cast<char>(chance.below(256));
    auto name = chance.text(60);
    std::erase_if(name, [](char c) { return c == '/' || c == '\\'; });
    parts.attachments = {{name + ".pdf", "application/pdf", content}};
    const Parsed parsed{MimeComposer{}.compose(parts)};
    auto* body = GMIME_MULTIPART(g_mime_message_get_mime_part(parsed.message.get()));
    RC_ASSERT(g_mime_multipart_get_count(body) == 2);
    auto* file = g_mime_multipart_get_part(body, 1);
    RC_ASSERT(text_or_empty(g_mime_part_get_filename(GMIME_PART(file))) == name + ".pdf");
    RC_ASSERT(content_of(file) == content);
}

}  // namespace

}  // namespace sequitur::mail
