// The transport against the sink, over loopback.
#include "mail/smtp_transport.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <filesystem>
#include <fstream>

#include "base/fault.hpp"
#include "mail/post_for_tests.hpp"
#include "mail/sha256.hpp"

namespace sequitur::mail {

namespace {

using namespace std::chrono_literals;

TEST(SmtpTransport, Case32DeliversAMailWithDotsByteForByte) {
    SinkOptions sink;
    sink.keep_mails = true;
    Post post{std::move(sink)};
    std::string message = "Message-ID: <9@y>\r\n\r\n";
    while (message.size() < 100'000) message += ".a line that starts with a dot\r\n..\r\n";

    const auto end = post.listener.wait(post.start(post.account(), "c@x.test", message));

    EXPECT_TRUE(as<Accepted>(end).reply.text.starts_with("queued as"));
    EXPECT_TRUE(end.dot_written);
    ASSERT_EQ(post.sink.mails().size(), 1U);
    EXPECT_EQ(post.sink.mails()[0].message, message);
    EXPECT_EQ(post.sink.mails()[0].sha256, sha256_hex(message));
    EXPECT_EQ(post.transport.in_flight(), 0U);
}

TEST(SmtpTransport, WritesNoDotBeforeItMay) {
    Post post;
    post.listener.permits = Listener::Permits::kept;
    const auto key = post.start(post.account(), "c@x.test");
    ASSERT_TRUE(post.listener.wait_until_asked(1));
    EXPECT_EQ(post.sink.counters().accepted, 0U);

    post.transport.proceed(key);

    as<Accepted>(post.listener.wait(key));
    EXPECT_EQ(post.sink.counters().accepted, 1U);
}

TEST(SmtpTransport, LeavesNothingBehindWhenThePermitIsRefused) {
    Post post;
    post.listener.permits = Listener::Permits::kept;
    const auto from = post.account();
    const auto refused = post.start(from, "a@x.test");
    const auto next = post.start(from, "b@x.test");
    ASSERT_TRUE(post.listener.wait_until_asked(1));

    post.transport.abandon(refused);
    const auto end = post.listener.wait(refused);
    ASSERT_TRUE(post.listener.wait_until_asked(2));
    post.transport.proceed(refused);  // too late: ignored
    post.transport.proceed(next);

    EXPECT_EQ(as<Abandoned>(end).reason, "permit_refused");
    EXPECT_FALSE(end.dot_written);
    as<Accepted>(post.listener.wait(next));
    EXPECT_EQ(post.sink.counters().accepted, 1U);
}

TEST(SmtpTransport, SendsManyMailsOverOneConnection) {
    Post post;
    const auto from = post.account();
    std::vector<DeliveryKey> keys;
    for (int i = 0; i < 50; ++i) keys.push_back(post.start(from, "c@x.test"));

    for (const auto& key : keys) as<Accepted>(post.listener.wait(key));

    EXPECT_EQ(post.sink.counters().connections, 1U);
    as<Accepted>(post.send(from, "c@x.test"));
    EXPECT_EQ(post.sink.counters().connections, 2U);
}

TEST(SmtpTransport, Case41GoesOnOverTheSameConnectionAfterARefusalInEveryPhase) {
    Post post;
    const auto from = post.account();
    for (const auto& [to, phase] :
         std::vector<std::pair<std::string, SmtpPhase>>{{"550.rcpt.x@x.test", SmtpPhase::rcpt},
                                                        {"451.data.x@x.test", SmtpPhase::data},
                                                        {"554.dot.x@x.test", SmtpPhase::dot}}) {
        const auto end = post.send(from, to);
        EXPECT_EQ(as<Refused>(end).phase, phase) << to;
        EXPECT_EQ(end.dot_written, phase == SmtpPhase::dot);
        as<Accepted>(post.send(from, "c@x.test"));
    }
    EXPECT_EQ(post.sink.counters().connections, 1U);
}

TEST(SmtpTransport, EndsTheWholeLaneWhenTheMailboxIsRefusedAtMail) {
    Gate gate;
    Post post{held_back(SinkPhase::mail, gate)};
    const auto from = post.account();
    const auto first = post.start(from, "452.mail.x@x.test");
    const auto second = post.start(from, "c@x.test");
    post.wait_until_started(from);
    gate.open();

    EXPECT_EQ(as<Refused>(post.listener.wait(first)).phase, SmtpPhase::mail);
    EXPECT_EQ(as<Abandoned>(post.listener.wait(second)).reason, "mailbox_refused");
}

TEST(SmtpTransport, Case49KnowsNothingWhenTheAnswerToTheDotIsLost) {
    Post post;

    const auto end = post.send(post.account(), "drop.dot.x@x.test");

    EXPECT_EQ(as<Broken>(end).phase, SmtpPhase::dot);
    EXPECT_TRUE(end.dot_written);
    EXPECT_EQ(post.sink.counters().accepted, 1U);
}

TEST(SmtpTransport, KnowsThatNothingWasSentWhenTheConnectionIsLostEarlier) {
    Post post;

    const auto end = post.send(post.account(), "dropbefore.data.x@x.test");

    EXPECT_EQ(as<Broken>(end).phase, SmtpPhase::data);
    EXPECT_FALSE(end.dot_written);
}

TEST(SmtpTransport, Case51WaitsOnlySoLongInEachPhase) {
    auto options = quick();
    options.timeouts.mail_rcpt = options.timeouts.data = 30ms;
    Post post{{}, options};

    const auto from = post.account();
    const auto at_rcpt = post.send(from, "stall.rcpt.x@x.test");
    const auto at_data = post.send(from, "stall.data.x@x.test");

    EXPECT_EQ(as<Broken>(at_rcpt).phase, SmtpPhase::rcpt);
    EXPECT_EQ(as<Broken>(at_data).phase, SmtpPhase::data);
    as<Accepted>(post.send(from, "c@x.test"));
    EXPECT_EQ(post.sink.counters().connections, 3U) << "a late answer must not be read as the next mail's";
}

/// Says yes to everything up to DATA, and then reads nothing more.
class ReadsNoBody {
public:
    ReadsNoBody() : thread_([this] { run(); }) {}
    ~ReadsNoBody() {
        gate_.open();
        thread_.join();
    }
    int port() const { return acceptor_.local_endpoint().port(); }

private:
    using tcp = boost::asio::ip::tcp;
    void run() {
        auto socket = acceptor_.accept();
        const auto say = [&](std::string_view line) { boost::asio::write(socket, boost::asio::buffer(line)); };
        say("220 mail.test\r\n");
        std::string heard;
        for (const auto* answer : {"250 mail.test\r\n", "250 ok\r\n", "250 ok\r\n", "354 go on\r\n"}) {
            heard.erase(0, boost::asio::read_until(socket, boost::asio::dynamic_buffer(heard), '\n'));
            say(answer);
        }
        gate_.pass();
    }

    boost::asio::io_context context_;
    tcp::acceptor acceptor_{context_, {boost::asio::ip::make_address("127.0.0.1"), 0}};
    Gate gate_;
    std::thread thread_;
};

TEST(SmtpTransport, Row34KnowsThatNothingWasSentWhenAServerStopsReadingTheBody) {
    auto options = quick();
    options.timeouts.block = 50ms;
    Post post{{}, options};
    const ReadsNoBody server;
    const auto from = post.account();
    from->port = server.port();
    const auto key = post.start(from, "c@x.test", "x: y\r\n\r\n" + std::string(20'000'000, 'x') + "\r\n");

    const auto end = post.listener.wait(key);

    EXPECT_EQ(as<Broken>(end).phase, SmtpPhase::body);
    EXPECT_FALSE(end.dot_written);
    EXPECT_EQ(post.listener.asked(), 0U);
}

TEST(SmtpTransport, Case50GivesTheAnswerToTheDotTheTimeOfTheDelivery) {
    Post post;
    Delivery delivery;
    delivery.account = post.account();
    delivery.key = {EmailId::make(post.clock.now()), 7, delivery.account->mailbox};
    delivery.to = "stall.dot.x@x.test";
    delivery.dot_before = post.clock.steady_now() + 60s;
    delivery.dot_timeout = 30ms;
    const auto key = delivery.key;
    post.listener.keep(key, "x: y\r\n\r\n");

    post.transport.start(std::move(delivery));
    const auto end = post.listener.wait(key);

    EXPECT_EQ(as<Broken>(end).phase, SmtpPhase::dot);
    EXPECT_TRUE(end.dot_written);
}

TEST(SmtpTransport, AbandonsWhatIsNotReadyInItsBudget) {
    Post post;
    const auto from = post.account();
    const auto stalled = post.start(from, "stall.rcpt.x@x.test", "x: y\r\n\r\n", 60ms);
    const auto waiting = post.start(from, "c@x.test", "x: y\r\n\r\n", 30ms);
    const auto patient = post.start(from, "c@x.test");

    EXPECT_EQ(as<Abandoned>(post.listener.wait(waiting)).reason, "budget");
    EXPECT_EQ(as<Abandoned>(post.listener.wait(stalled)).reason, "budget");
    as<Accepted>(post.listener.wait(patient));
}

TEST(SmtpTransport, EndsTheWholeLaneWhenTheConnectionIsRefused) {
    Post post;
    auto from = post.account();
    {
        const SystemClock clock;
        const Sink gone{{}, clock};
        from->port = gone.port();
    }
    const auto first = post.start(from, "a@x.test");
    const auto second = post.start(from, "b@x.test");
    const auto other = post.start(post.account(), "c@x.test");

    EXPECT_EQ(as<Broken>(post.listener.wait(first)).phase, SmtpPhase::connect);
    EXPECT_EQ(as<Broken>(post.listener.wait(second)).phase, SmtpPhase::connect);
    as<Accepted>(post.listener.wait(other));
}

TEST(SmtpTransport, SaysThatANameIsUnknown) {
    Post post;

    const auto end = post.send(post.account("no-such-host.invalid", TlsMode::starttls), "c@x.test");

    EXPECT_EQ(as<Broken>(end).phase, SmtpPhase::resolve);
}

TEST(SmtpTransport, Case56ReconnectsWhenAnIdleConnectionWasClosed) {
    Post post;
    const auto from = post.account();
    as<Accepted>(post.send(from, "c@x.test"));

    post.sink.hang_up();
    as<Accepted>(post.send(from, "c@x.test"));

    EXPECT_EQ(post.sink.counters().accepted, 2U);
}

TEST(SmtpTransport, ReconnectsWhenAConnectionIsResetBetweenTwoMails) {
    Gate gate;
    Post post{held_back(SinkPhase::dot, gate)};
    const auto from = post.account();
    // Before the loop can notice: it learns of it when it says QUIT.
    post.listener.at_done = [&] { post.sink.reset(); };
    const auto first = post.start(from, "a@x.test");
    const auto second = post.start(from, "b@x.test");
    ASSERT_TRUE(post.listener.wait_until_asked(1));
    gate.open();

    as<Accepted>(post.listener.wait(first));
    as<Accepted>(post.listener.wait(second));
    EXPECT_EQ(post.sink.counters().connections, 2U);
    EXPECT_EQ(post.listener.asked(), 2U);
}

TEST(SmtpTransport, TakesAMailBackWhoseBeginningIsBehindTheDotOfTheLast) {
    Gate gate;
    Post post{held_back(SinkPhase::dot, gate)};
    post.listener.permits = Listener::Permits::kept;
    const auto from = post.account();
    const auto first = post.start(from, "a@x.test");
    const auto second = post.start(from, "b@x.test");
    const auto third = post.start(from, "c@x.test");
    ASSERT_TRUE(post.listener.wait_until_asked(1));
    post.wait_until_started(from);

    post.transport.proceed(first);
    post.transport.abandon(second);
    as<Abandoned>(post.listener.wait(second));
    gate.open();
    as<Accepted>(post.listener.wait(first));
    ASSERT_TRUE(post.listener.wait_until_asked(2));
    post.transport.proceed(third);

    as<Accepted>(post.listener.wait(third));
    EXPECT_EQ(post.sink.counters().accepted, 2U);
    EXPECT_EQ(post.sink.counters().connections, 2U);
}

TEST(SmtpTransport, LeavesEachMailInTheFolderOfASinkThatKeepsThem) {
    const auto folder = std::filesystem::temp_directory_path() / ("sequitur-mails-" + std::to_string(::getpid()));
    SinkOptions sink;
    sink.keep_mails = true;
    sink.mails_folder = folder;
    Post post{std::move(sink)};
    const std::string message = "Message-ID: <9@y>\r\n\r\n.hi\r\n";

    as<Accepted>(post.listener.wait(post.start(post.account(), "c@x.test", message)));

    std::ifstream file{folder / (post.sink.mails().at(0).sha256 + ".eml"), std::ios::binary};
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>{file}, {}), message);
    std::filesystem::remove_all(folder);
}

TEST(SmtpTransport, ReconnectsWhenAReusedConnectionIsRefusedAtMail) {
    SinkOptions sink;
    sink.mails_per_connection_max = 1;
    Post post{std::move(sink)};
    const auto from = post.account();

    for (int i = 0; i < 3; ++i) as<Accepted>(post.send(from, "c@x.test"));

    EXPECT_EQ(post.sink.counters().connections, 3U);
}

TEST(SmtpTransport, ClosesAConnectionThatIsIdle) {
    auto options = quick();
    options.timeouts.idle = 20ms;
    Post post{{}, options};

    as<Accepted>(post.send(post.account(), "c@x.test"));

    const auto until = post.clock.steady_now() + patience;
    while (post.sink.counters().open > 0 && post.clock.steady_now() < until) std::this_thread::yield();
    EXPECT_EQ(post.sink.counters().open, 0U);
}

TEST(SmtpTransport, NeedsANewConnectionForNewSettings) {
    Post post;
    const auto from = post.account();
    as<Accepted>(post.send(from, "c@x.test"));
    const auto changed = std::make_shared<domain::SmtpAccount>(*from);
    changed->version = 2;

    as<Accepted>(post.send(changed, "c@x.test"));

    EXPECT_EQ(post.sink.counters().connections, 2U);
}

TEST(SmtpTransport, ConnectsToNoPrivateAddressUnlessThatIsAllowed) {
    auto options = quick();
    options.private_hosts = PrivateHosts::no;
    Post post{{}, options};

    const auto end = post.send(post.account("localhost"), "c@x.test");

    EXPECT_EQ(as<Broken>(end).phase, SmtpPhase::connect);
    EXPECT_TRUE(as<Broken>(end).needs_a_person);
    EXPECT_NE(as<Broken>(end).reason.find("loopback address, where mail may not go"), std::string::npos);
    EXPECT_EQ(post.sink.counters().connections, 0U);
}

TEST(SmtpTransport, SaysTheNameThatItsMailboxHas) {
    std::string heard;
    SinkOptions options;
    options.answer = [&](SinkPhase phase, std::string_view argument) -> std::optional<SinkAct> {
        if (phase == SinkPhase::ehlo) heard = argument;
        return std::nullopt;
    };
    Post post{options};
    const auto from = post.account();
    from->ehlo_name = "out.corp.test";

    as<Accepted>(post.send(from, "c@x.test"));

    EXPECT_EQ(heard, "out.corp.test");
}

TEST(SmtpTransport, RefusesPlaintextToAnotherMachine) {
    Post post;

    const auto end = post.send(post.account("192.0.2.1"), "c@x.test");

    EXPECT_EQ(as<Broken>(end).phase, SmtpPhase::tls);
    EXPECT_TRUE(as<Broken>(end).needs_a_person);
}

TEST(SmtpTransport, EndsWhatHasNoPermitWhenItDrains) {
    Post post;
    post.listener.permits = Listener::Permits::kept;
    const auto from = post.account();
    const auto leaving = post.start(from, "c@x.test");
    const auto waiting = post.start(from, "c@x.test");
    const auto asking = post.start(post.account(), "c@x.test");
    ASSERT_TRUE(post.listener.wait_until_asked(2));
    post.transport.proceed(leaving);

    post.transport.drain();

    as<Accepted>(post.listener.wait(leaving));
    EXPECT_EQ(as<Abandoned>(post.listener.wait(waiting)).reason, "shutdown");
    EXPECT_EQ(as<Abandoned>(post.listener.wait(asking)).reason, "shutdown");
    EXPECT_EQ(as<Abandoned>(post.send(from, "c@x.test")).reason, "shutdown");
    EXPECT_EQ(post.transport.in_flight(), 0U);
}

TEST(SmtpTransport, CallsADotWithoutAnswerUnknownWhenItEnds) {
    SystemClock clock;
    Listener listener;
    std::promise<void> dot_arrived;
    SinkOptions options;
    options.answer = [&](SinkPhase phase, std::string_view) -> std::optional<SinkAct> {
        if (phase != SinkPhase::dot) return std::nullopt;
        dot_arrived.set_value();
        return SinkAct{SinkAct::Kind::stall, {}};
    };
    const Sink sink{std::move(options), clock};
    const DeliveryKey key{EmailId::make(clock.now()), 1, MailboxId::make(clock.now())};
    {
        SmtpTransport transport{quick(), listener, clock};
        listener.transport = &transport;
        auto account = std::make_shared<domain::SmtpAccount>();
        account->mailbox = key.mailbox;
        account->address = "me@y.test";
        account->host = "127.0.0.1";
        account->port = sink.port();
        account->tls = TlsMode::none;
        listener.keep(key, "x: y\r\n\r\n");
        transport.start({key, account, "c@x.test", clock.steady_now() + 60s, 60s});
        ASSERT_EQ(dot_arrived.get_future().wait_for(patience), std::future_status::ready);
    }
    const auto end = listener.wait(key);

    EXPECT_EQ(as<Broken>(end).phase, SmtpPhase::dot);
}

TEST(SmtpTransport, SendsForManyMailboxesAtOnce) {
    auto options = quick();
    options.threads = 2;
    Post post{{}, options};
    std::vector<DeliveryKey> keys;
    for (int i = 0; i < 200; ++i) {
        const auto from = post.account();
        for (int k = 0; k < 5; ++k) keys.push_back(post.start(from, "c@x.test"));
    }

    for (const auto& key : keys) as<Accepted>(post.listener.wait(key));

    EXPECT_EQ(post.sink.counters().accepted, 1000U);
    EXPECT_EQ(post.sink.counters().connections, 200U);
}

// Faults stand for a process that ends or a wire that is cut at one step.
class SmtpTransportFaults : public testing::TestWithParam<std::pair<const char*, SmtpPhase>> {
protected:
    void TearDown() override { fault::configure(""); }
};

TEST_P(SmtpTransportFaults, PassesThePointWhereItSays) {
    const auto& [point, phase] = GetParam();
    fault::configure(std::string{point} + ":error:1");
    SinkOptions sink;
    sink.users = {{"u", "p"}};
    Post post{std::move(sink)};
    const auto from = post.account();
    from->username = "u";
    from->password = Secret{"p"};

    const auto end = post.send(from, "c@x.test");

    EXPECT_EQ(as<Broken>(end).phase, phase);
    EXPECT_EQ(end.dot_written, phase == SmtpPhase::dot);
}

INSTANTIATE_TEST_SUITE_P(
    Every, SmtpTransportFaults,
    testing::Values(std::pair{"smtp.after_connect", SmtpPhase::greeting}, std::pair{"smtp.after_ehlo", SmtpPhase::auth},
                    std::pair{"smtp.after_auth", SmtpPhase::mail}, std::pair{"smtp.after_mail", SmtpPhase::rcpt},
                    std::pair{"smtp.after_rcpt", SmtpPhase::data}, std::pair{"smtp.after_354", SmtpPhase::body},
                    std::pair{"smtp.half_body", SmtpPhase::body}, std::pair{"dot.before_write", SmtpPhase::body},
                    std::pair{"dot.after_write", SmtpPhase::dot}, std::pair{"dot.after_reply", SmtpPhase::dot}));

TEST(SinkLedgerFile, HoldsTheMailBeforeTheAnswer) {
    const auto file = std::filesystem::temp_directory_path() / ("sequitur-sink-" + std::to_string(::getpid()));
    SinkOptions sink;
    sink.ledger_file = file;
    Post post{std::move(sink)};

    as<Accepted>(post.send(post.account(), "c@x.test"));

    std::ifstream in{file};
    std::string line;
    ASSERT_TRUE(std::getline(in, line));
    EXPECT_TRUE(line.starts_with(R"({"at":"20)")) << line;
    EXPECT_NE(line.find(R"("message_id":"<1@y>","sha256":")"), std::string::npos) << line;
    EXPECT_NE(line.find(R"("from":"me@y.test","to":"c@x.test","reply":"250 2.0.0 queued)"), std::string::npos) << line;
    std::filesystem::remove(file);
}

}  // namespace

}  // namespace sequitur::mail
