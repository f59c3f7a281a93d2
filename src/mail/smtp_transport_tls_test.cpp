// The transport over TLS, and against those who would talk it out of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mail/certificates_for_tests.hpp"
#include "mail/post_for_tests.hpp"

namespace sequitur::mail {

namespace {

using namespace std::chrono_literals;

// TLS: the sink's certificate is for `name`, signed by an authority of this test.
class SmtpTransportTls : public testing::Test {
protected:
    SmtpTransportTls() {
        certificates.issue("good", "IP:127.0.0.1,DNS:localhost");
        certificates.issue("other", "DNS:other.test");
    }
    SinkOptions sink(SinkOptions::Tls tls, const std::string& name = "good") {
        SinkOptions options;
        options.tls = tls;
        options.certificate_file = certificates.certificate_file(name);
        options.key_file = certificates.key_file(name);
        options.users = {{"u", "p"}};
        return options;
    }
    SmtpOptions trusting() {
        auto options = quick();
        options.ca_file = certificates.ca_file();
        return options;
    }
    static std::shared_ptr<domain::SmtpAccount> login(Post& post, TlsMode tls, const std::string& host = "127.0.0.1") {
        auto account = post.account(host, tls);
        account->username = "u";
        account->password = Secret{"p"};
        return account;
    }

    CertificatesForTests certificates;
};

TEST_F(SmtpTransportTls, SendsThroughStarttlsWithALogin) {
    Post post{sink(SinkOptions::Tls::starttls), trusting()};
    const auto from = login(post, TlsMode::starttls);

    for (int i = 0; i < 3; ++i) as<Accepted>(post.send(from, "c@x.test"));

    EXPECT_EQ(post.sink.counters().connections, 1U);
}

TEST_F(SmtpTransportTls, SendsThroughImplicitTlsByName) {
    SinkOptions options = sink(SinkOptions::Tls::implicit);
    options.keep_mails = true;
    Post post{std::move(options), trusting()};
    const std::string message = "x: y\r\n\r\n" + std::string(200'000, 'x') + "\r\n";

    as<Accepted>(post.listener.wait(post.start(login(post, TlsMode::implicit, "localhost"), "c@x.test", message)));
    as<Accepted>(post.send(login(post, TlsMode::implicit, "localhost"), "c@x.test"));  // a resumed session

    EXPECT_EQ(post.sink.mails()[0].message, message);
}

TEST_F(SmtpTransportTls, Case35RefusesACertificateForAnotherName) {
    Post post{sink(SinkOptions::Tls::starttls, "other"), trusting()};

    const auto end = post.send(login(post, TlsMode::starttls), "c@x.test");

    EXPECT_EQ(as<Broken>(end).phase, SmtpPhase::tls);
    EXPECT_TRUE(as<Broken>(end).needs_a_person);
}

TEST_F(SmtpTransportTls, Case35RefusesACertificateOfAnUnknownAuthority) {
    Post post{sink(SinkOptions::Tls::implicit), quick()};

    const auto end = post.send(login(post, TlsMode::implicit), "c@x.test");

    EXPECT_EQ(as<Broken>(end).phase, SmtpPhase::tls);
    EXPECT_TRUE(as<Broken>(end).needs_a_person);
}

TEST_F(SmtpTransportTls, Case35RefusesACertificateThatHasExpired) {
    certificates.issue("old", "DNS:localhost,IP:127.0.0.1", -60);
    Post post{sink(SinkOptions::Tls::implicit, "old"), trusting()};

    const auto end = post.send(login(post, TlsMode::implicit), "c@x.test");

    EXPECT_EQ(as<Broken>(end).phase, SmtpPhase::tls);
    EXPECT_THAT(as<Broken>(end).reason, testing::HasSubstr("expired"));
    EXPECT_TRUE(as<Broken>(end).needs_a_person);
}

TEST_F(SmtpTransportTls, Case33RefusesToGoOnWhenStarttlsWasTakenAway) {
    auto options = sink(SinkOptions::Tls::starttls);
    options.announces_starttls = false;
    Post post{std::move(options), trusting()};

    const auto end = post.send(login(post, TlsMode::starttls), "c@x.test");

    EXPECT_EQ(as<Broken>(end).phase, SmtpPhase::starttls);
    EXPECT_TRUE(as<Broken>(end).needs_a_person);
}

TEST_F(SmtpTransportTls, Case45EndsTheWholeLaneAfterOneWrongPassword) {
    Gate gate;
    Post post{held_back(SinkPhase::auth, gate, sink(SinkOptions::Tls::starttls)), trusting()};
    const auto from = login(post, TlsMode::starttls);
    from->password = Secret{"wrong"};
    const auto first = post.start(from, "a@x.test");
    const auto second = post.start(from, "b@x.test");
    post.wait_until_started(from);
    gate.open();

    EXPECT_EQ(as<Refused>(post.listener.wait(first)).phase, SmtpPhase::auth);
    EXPECT_EQ(as<Refused>(post.listener.wait(second)).phase, SmtpPhase::auth);
    EXPECT_EQ(post.sink.counters().connections, 1U);
}

TEST_F(SmtpTransportTls, SpeaksNoPlainWordToATlsPortThatIsNone) {
    Post post{{}, trusting()};

    const auto end = post.send(post.account("127.0.0.1", TlsMode::implicit), "c@x.test");

    EXPECT_EQ(as<Broken>(end).phase, SmtpPhase::tls);
}

}  // namespace

}  // namespace sequitur::mail
