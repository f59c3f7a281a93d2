// When the transport asks for the bytes of a mail, and how long it holds them.
#include <gtest/gtest.h>

#include <atomic>

#include "mail/post_for_tests.hpp"
#include "mail/sha256.hpp"

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

std::string numbered(int n) { return "Message-ID: <" + std::to_string(n) + "@y>\r\n\r\nhi\r\n.\r\n"; }

// All wait at once, so that each is written ahead and they are hashed in pairs: an odd number of them.
TEST(SmtpTransport, TellsTheHashOfEachMailAsItWasGiven) {
    Post post;
    post.listener.permits = Listener::Permits::kept;
    const auto from = post.account();
    std::vector<DeliveryKey> keys;
    for (int n = 0; n < 7; ++n) keys.push_back(post.start(from, "c@x.test", numbered(n)));
    for (std::size_t n = 0; n < keys.size(); ++n) {
        ASSERT_TRUE(post.listener.wait_until_asked(n + 1));
        post.transport.proceed(keys[n]);
    }

    for (int n = 0; n < 7; ++n) {
        const auto end = post.listener.wait(keys[static_cast<std::size_t>(n)]);
        as<Accepted>(end);
        EXPECT_EQ(end.sha256, sha256_hex(numbered(n))) << n;
    }
    EXPECT_EQ(post.sink.counters().connections, 1U);
}

TEST(SmtpTransport, TellsTheHashOfAMailThatWasRefusedAndNoneOfOneNeverAskedFor) {
    Post post;
    const auto from = post.account();

    EXPECT_EQ(post.listener.wait(post.start(from, "550.rcpt.x@x.test", numbered(1))).sha256, sha256_hex(numbered(1)));
    EXPECT_EQ(post.listener.wait(post.start(from, "554.dot.x@x.test", numbered(2))).sha256, sha256_hex(numbered(2)));
    EXPECT_EQ(post.listener.wait(post.start(from, "c@x.test", std::nullopt)).sha256, "");
}

TEST(SmtpTransport, TellsNoHashOfTheMailBefore) {
    Gate gate;
    std::atomic<bool> is_silent = false;
    SinkOptions sink;
    sink.answer = [&](SinkPhase phase, std::string_view) -> std::optional<SinkAct> {
        if (phase == SinkPhase::greeting && is_silent) gate.pass();
        return std::nullopt;
    };
    Post post{std::move(sink)};
    const auto from = post.account();
    as<Accepted>(post.listener.wait(post.start(from, "c@x.test", numbered(5))));
    is_silent = true;
    const auto changed = std::make_shared<domain::SmtpAccount>(*from);
    changed->version = 2;  // over a new connection

    const auto end = post.listener.wait(post.start(changed, "c@x.test", numbered(6), 30ms));

    EXPECT_EQ(as<Abandoned>(end).reason, "budget");
    EXPECT_EQ(end.sha256, "");
    gate.open();
}

TEST(SmtpTransport, TellsTheHashThoughTheBytesWereForgottenMeanwhile) {
    Gate gate;
    auto options = quick();
    options.message_kept = 0ms;
    Post post{held_back(SinkPhase::data, gate), options};
    const auto key = post.start(post.account(), "554.data.x@x.test", numbered(3));
    ASSERT_TRUE(post.listener.wait_until_written(1));
    // Both lanes are looked at in every round, in any order: after two rounds each was.
    for (int i = 0; i < 2; ++i) post.listener.wait(post.start(post.account(), "d@x.test", numbered(4), 1ms));

    gate.open();

    EXPECT_EQ(post.listener.wait(key).sha256, sha256_hex(numbered(3)));
    EXPECT_EQ(post.listener.written(), 1U);
}

}  // namespace

}  // namespace sequitur::mail
