// When the transport asks for the bytes of a mail, and how long it holds them.
#include <gtest/gtest.h>

#include <atomic>

#include "mail/post_for_tests.hpp"

namespace sequitur::mail {

namespace {

using namespace std::chrono_literals;

TEST(SmtpTransport, AsksForTheBytesOnlyWhenTheServerIsReadyForThem) {
    Gate gate;
    Post post{held_back(SinkPhase::greeting, gate)};
    std::atomic<bool> is_open = false;
    post.listener.at_message = [&] { EXPECT_TRUE(is_open); };
    const auto from = post.account();
    const auto key = post.start(from, "c@x.test");
    post.wait_until_started(from);

    is_open = true;
    gate.open();

    as<Accepted>(post.listener.wait(key));
}

TEST(SmtpTransport, HoldsNoBytesWhileAServerThinksAndAsksForThemAgain) {
    Gate gate;
    SinkOptions sink;
    sink.keep_mails = true;
    auto options = quick();
    options.message_kept = 0ms;
    Post post{held_back(SinkPhase::data, gate, std::move(sink)), options};
    const std::string message = "Message-ID: <9@y>\r\n\r\nhi\r\n";
    const auto key = post.start(post.account(), "c@x.test", message);
    ASSERT_TRUE(post.listener.wait_until_written(1));
    // Both lanes are looked at in every round, in any order: after two rounds each was.
    for (int i = 0; i < 2; ++i) post.listener.wait(post.start(post.account(), "d@x.test", message, 1ms));

    gate.open();

    as<Accepted>(post.listener.wait(key));
    EXPECT_EQ(post.listener.written(), 2U);
    EXPECT_EQ(post.sink.mails().at(0).message, message);
}

TEST(SmtpTransport, HoldsNoBodyForLongWhileItAwaitsItsPermitAndAsksForItAgain) {
    Gate gate;
    std::atomic<bool> is_silent = false;
    SinkOptions sink;
    sink.keep_mails = true;
    sink.answer = [&](SinkPhase phase, std::string_view) -> std::optional<SinkAct> {
        if (phase == SinkPhase::greeting && is_silent) gate.pass();
        return std::nullopt;
    };
    auto options = quick();
    options.message_kept = 0ms;
    Post post{std::move(sink), options};
    post.listener.permits = Listener::Permits::kept;
    const auto from = post.account();
    const std::string message = "Message-ID: <9@y>\r\n\r\nhi\r\n";
    const auto first = post.start(from, "a@x.test", message);
    const auto second = post.start(from, "b@x.test", message);
    ASSERT_TRUE(post.listener.wait_until_asked(1));
    post.transport.proceed(first);
    ASSERT_TRUE(post.listener.wait_until_asked(2));
    const auto written = post.listener.written();
    is_silent = true;
    // As above: after two rounds the bytes of every lane are gone.
    for (int i = 0; i < 2; ++i) post.listener.wait(post.start(post.account(), "d@x.test", message, 1ms));
    gate.open();

    post.transport.proceed(second);

    as<Accepted>(post.listener.wait(second));
    EXPECT_EQ(post.listener.written(), written + 1);
    EXPECT_EQ(post.sink.mails().back().message, message);
    EXPECT_EQ(post.listener.asked(), 2U) << "one permit is enough";
}

TEST(SmtpTransport, EndsAMailThatCanNotBeWrittenAndSendsTheOthers) {
    Post post;
    post.listener.permits = Listener::Permits::kept;
    const auto from = post.account();
    const auto first = post.start(from, "a@x.test");
    const auto unwritable = post.start(from, "b@x.test", std::nullopt);
    const auto last = post.start(from, "c@x.test");
    ASSERT_TRUE(post.listener.wait_until_asked(1));
    post.transport.proceed(first);
    ASSERT_TRUE(post.listener.wait_until_asked(2));
    post.transport.proceed(last);

    as<Accepted>(post.listener.wait(first));
    as<Accepted>(post.listener.wait(last));
    EXPECT_EQ(as<Abandoned>(post.listener.wait(unwritable)).reason, "unwritable");
    EXPECT_EQ(post.sink.counters().connections, 1U);
}

}  // namespace

}  // namespace sequitur::mail
