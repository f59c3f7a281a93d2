#include "mail/sink_session.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "mail/sha256.hpp"
#include "mail/sink_ledger.hpp"

namespace sequitur::mail {

namespace {

// Says everything at once and answers what the ledger would.
struct Heard {
    std::string output;
    std::vector<SinkMail> mails;
    bool closed = false;
};

Heard talk(SinkSession& session, std::string_view bytes) {
    session.received(bytes);
    Heard heard{session.take_output(), {}, false};
    while (auto mail = session.take_mail()) {
        heard.mails.push_back(*mail);
        session.recorded(true);
        heard.output += session.take_output();
    }
    heard.closed = session.wants_close();
    return heard;
}

Heard send_mail(SinkSession& session, const std::string& to,
                const std::string& text = "Message-ID: <1@x>\r\n\r\nhi\r\n") {
    return talk(session, "MAIL FROM:<a@y.test>\r\nRCPT TO:<" + to + ">\r\nDATA\r\n" + text + ".\r\n");
}

TEST(SinkSession, TakesAMailAndSaysWhatItTook) {
    const SinkOptions options;
    SinkScripts scripts;
    SinkSession session{options, scripts};

    const auto heard = send_mail(session, "c@x.test", "message-id: <7@y>\r\n\r\n..dot\r\nbare\n.\nlf\r\n");

    ASSERT_EQ(heard.mails.size(), 1U);
    EXPECT_EQ(heard.mails[0].message_id, "<7@y>");
    EXPECT_EQ(heard.mails[0].from, "a@y.test");
    EXPECT_EQ(heard.mails[0].to, "c@x.test");
    EXPECT_EQ(heard.mails[0].sha256, sha256_hex("message-id: <7@y>\r\n\r\n.dot\r\nbare\n.\nlf\r\n"));
    EXPECT_TRUE(heard.output.starts_with("250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 end with a dot\r\n250 2.0.0 queued"));
}

TEST(SinkSession, RefusesByScriptInEveryPhase) {
    const SinkOptions options;
    for (const auto& [to, expected] :
         std::vector<std::pair<std::string, std::string>>{{"452.mail.x@x.test", "452 4.3.1"},
                                                          {"550.rcpt.x@x.test", "550 5.1.1"},
                                                          {"451.data.x@x.test", "451 4.3.0"},
                                                          {"554.dot.x@x.test", "554 5.7.1"}}) {
        SinkScripts scripts;
        SinkSession session{options, scripts};
        const auto heard = send_mail(session, to);

        EXPECT_NE(heard.output.find(expected), std::string::npos) << to << "\n" << heard.output;
        EXPECT_TRUE(heard.mails.empty()) << to;
    }
}

TEST(SinkSession, RefusesOnlyTheFirstTriesOfARecipient) {
    const SinkOptions options;
    SinkScripts scripts;
    int accepted = 0;
    for (int i = 0; i < 4; ++i) {
        SinkSession session{options, scripts};
        accepted += static_cast<int>(send_mail(session, "451.dot.x2.y@x.test").mails.size());
        EXPECT_EQ(accepted, std::max(0, i - 1));
    }
    SinkSession session{options, scripts};
    EXPECT_TRUE(send_mail(session, "451.dot.x2.other@x.test").mails.empty());
}

TEST(SinkSession, DropsAfterOrBeforeAccepting) {
    const SinkOptions options;
    SinkScripts scripts;
    SinkSession after{options, scripts};
    SinkSession before{options, scripts};

    const auto accepted = send_mail(after, "drop.dot.z@x.test");
    const auto dropped = send_mail(before, "dropbefore.dot.z@x.test");

    EXPECT_EQ(accepted.mails.size(), 1U);
    EXPECT_TRUE(accepted.closed);
    EXPECT_TRUE(accepted.output.ends_with("354 end with a dot\r\n"));
    EXPECT_TRUE(dropped.mails.empty());
    EXPECT_TRUE(dropped.closed);
}

TEST(SinkSession, StallsWithoutAWord) {
    const SinkOptions options;
    SinkScripts scripts;
    SinkSession session{options, scripts};

    const auto heard = send_mail(session, "stall.rcpt.z@x.test");

    EXPECT_EQ(heard.output, "250 2.1.0 ok\r\n");
    EXPECT_FALSE(heard.closed);
}

TEST(SinkSession, TakesEverybodyElseAsPlainSuccess) {
    const SinkOptions options;
    SinkScripts scripts;
    for (const auto* to : {"bob@x.test", "first.last@x.test", "999.rcpt@x.test", "550.foo@x.test", "550@x.test"}) {
        SinkSession session{options, scripts};
        EXPECT_EQ(send_mail(session, to).mails.size(), 1U) << to;
    }
}

TEST(SinkSession, AsksForALoginWhenItHasUsers) {
    SinkOptions options;
    options.users = {{"u", "p"}};
    SinkScripts scripts;
    SinkSession session{options, scripts};

    EXPECT_EQ(talk(session, "MAIL FROM:<a@y.test>\r\n").output, "530 5.7.0 authenticate first\r\n");
    EXPECT_EQ(talk(session, "AUTH PLAIN AHUAeA==\r\n").output, "535 5.7.8 wrong user or password\r\n");
    EXPECT_EQ(talk(session, "AUTH LOGIN\r\ndQ==\r\ncA==\r\n").output,
              "334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 2.7.0 welcome\r\n");
    EXPECT_EQ(talk(session, "MAIL FROM:<a@y.test>\r\n").output, "250 2.1.0 ok\r\n");
}

TEST(SinkLedger, CutsOffATornLine) {
    const auto file = std::filesystem::temp_directory_path() / ("sequitur-ledger-" + std::to_string(::getpid()));
    std::ofstream{file} << "{\"whole\":1}\n{\"torn";
    {
        SinkLedger ledger{file, [](const std::function<void()>& answers) { answers(); }};
        std::promise<bool> durable;
        ledger.append("{\"next\":2}", [&](bool written) { durable.set_value(written); });
        EXPECT_TRUE(durable.get_future().get());
    }

    std::ifstream in{file};
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>{in}, {}), "{\"whole\":1}\n{\"next\":2}\n");
    std::filesystem::remove(file);
}

}  // namespace

}  // namespace sequitur::mail
