#include "mail/smtp_reply.hpp"

#include <gtest/gtest.h>

namespace sequitur::mail {

namespace {

using State = SmtpReplyParser::State;

domain::SmtpReply read(std::string_view bytes) {
    SmtpReplyParser parser;
    EXPECT_EQ(parser.feed(bytes), State::complete);
    EXPECT_TRUE(bytes.empty());
    return parser.take();
}

State state_after(std::string_view bytes) {
    SmtpReplyParser parser;
    return parser.feed(bytes);
}

TEST(SmtpReply, ReadsCodeEnhancedCodeAndText) {
    const auto reply = read("550 5.1.1 No such user\r\n");

    EXPECT_EQ(reply.code, 550);
    EXPECT_EQ(reply.enhanced, "5.1.1");
    EXPECT_EQ(reply.text, "No such user");
}

TEST(SmtpReply, JoinsLinesAndRemovesTheRepeatedEnhancedCode) {
    const auto reply = read("452-4.2.2 The mailbox\r\n452 4.2.2 is full\r\n");

    EXPECT_EQ(reply.enhanced, "4.2.2");
    EXPECT_EQ(reply.text, "The mailbox\nis full");
}

TEST(SmtpReply, IsTheSameHoweverTheBytesAreCut) {
    const std::string_view bytes = "250-one\r\n250-\r\n250 2.0.0 three\r\n";
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        SmtpReplyParser parser;
        auto first = bytes.substr(0, cut);
        auto second = bytes.substr(cut);

        EXPECT_EQ(parser.feed(first), State::more);
        EXPECT_EQ(parser.feed(second), State::complete);

        EXPECT_EQ(parser.take().text, "one\n\nthree");
    }
}

TEST(SmtpReply, LeavesTheBytesOfTheNextReply) {
    SmtpReplyParser parser;
    std::string_view bytes = "250 a\r\n550 b\r\n";

    EXPECT_EQ(parser.feed(bytes), State::complete);
    EXPECT_EQ(bytes, "550 b\r\n");
    EXPECT_EQ(parser.take().code, 250);
    EXPECT_EQ(parser.feed(bytes), State::complete);
    EXPECT_EQ(parser.take().code, 550);
}

TEST(SmtpReply, AcceptsACodeAloneAndABareLineFeed) {
    EXPECT_EQ(read("250\r\n").code, 250);
    EXPECT_EQ(read("250 \n").text, "");
}

TEST(SmtpReply, IgnoresAnEnhancedCodeOfAnotherClass) {
    EXPECT_EQ(read("450 5.1.1 later\r\n").enhanced, "");
    EXPECT_EQ(read("354 3.0.0 go\r\n").enhanced, "");
    EXPECT_EQ(read("550 5.1.1234 x\r\n").enhanced, "");
    EXPECT_EQ(read("550 5.1.x y\r\n").enhanced, "");
    EXPECT_EQ(read("550 5.1.1.1 y\r\n").enhanced, "");
}

TEST(SmtpReply, CallsEverythingElseGarbage) {
    for (const std::string_view bytes : {"\r\n", "hello\r\n", "25 x\r\n", "2500 x\r\n", "250x\r\n", "199 x\r\n",
                                         "600 x\r\n", "250-a\r\n251 b\r\n", "HTTP/1.1 400\r\n"})
        EXPECT_EQ(state_after(bytes), State::garbage) << bytes;
}

TEST(SmtpReply, LimitsLinesAndReplies) {
    EXPECT_EQ(state_after("250 " + std::string(4092, 'x') + "\r\n"), State::complete);
    EXPECT_EQ(state_after("250 " + std::string(4093, 'x') + "\r\n"), State::garbage);
    EXPECT_EQ(state_after(std::string(5000, 'x')), State::garbage);
    std::string endless;
    for (int i = 0; i < 20'000; ++i) endless += "250-\r\n";
    EXPECT_EQ(state_after(endless), State::garbage);
}

TEST(SmtpReply, KeepsControlCharactersOutOfTheText) {
    EXPECT_EQ(read("550 a\x1b[31m\rb\r\n").text, "a [31m b");
    EXPECT_EQ(read("550 " + std::string(3000, 'x') + "\r\n").text.size(), reply_text_bytes_max);
}

}  // namespace

}  // namespace sequitur::mail
