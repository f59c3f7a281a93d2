// A sender whose bus, database and servers are led by hand: one claimed email, and what a test changes of it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fault.hpp"
#include "support/fake_bus.hpp"
#include "support/fake_email_queue.hpp"
#include "support/fake_transport.hpp"
#include "support/manual_clock.hpp"
#include "workers/email_processor.hpp"

namespace sequitur::workers {

struct FakeAccounts final : domain::Accounts {
    std::vector<domain::SenderAccount> accounts;
    std::vector<domain::SenderAccount> load(const std::vector<MailboxId>&) override { return accounts; }
};

struct PlainComposer final : domain::Composer {
    std::string compose(const domain::MailParts& parts) const override {
        if (refuses) throw std::invalid_argument("a line break in the header field To");
        std::string answers;
        for (const auto& reference : parts.references) answers += "to " + reference + "\r\n";
        return parts.subject + "\r\n" + answers + parts.html + "\r\n";
    }
    std::optional<std::string> text_source(std::string_view) const override { return std::nullopt; }
    bool refuses = false;
};

struct SenderTest : testing::Test {
    SenderTest() {
        sessions.attach(transport, writer);
        auto account = std::make_shared<domain::SmtpAccount>();
        account->mailbox = email.mailbox;
        account->version = 1;
        account->address = "me@corp.test";
        accounts.accounts = {{account, "Me", 0}};
        queue.texts = {{email.step_version, "Hi {{first_name}}", "<p>{{company|you}}</p>", {}}};
    }
    ~SenderTest() override { fault::configure(""); }

    static SenderConfig sender_config() {
        SenderConfig made;
        made.worker = "host:1";
        return made;
    }
    static domain::ClaimedEmail claimed_email(TimePoint now) {
        domain::ClaimedEmail claimed;
        claimed.id = EmailId::make(now);
        claimed.epoch = 4;
        claimed.mailbox = MailboxId::make(now);
        claimed.mailbox_version = 1;
        claimed.step_version = StepVersionId::make(now);
        claimed.max_retries = 3;
        claimed.to = "ana@acme.test";
        claimed.first_name = "Ana";
        claimed.attributes = "{}";
        claimed.contact_version = now - std::chrono::hours{1};
        return claimed;
    }
    void feed_job() {
        bus.feed(
            domain::topics::email_jobs,
            encode(domain::EmailJobs{BatchId::make(clock.now()), clock.now(), {{email.id, {}, email.mailbox, 0}}}));
    }
    /// One record, claimed and begun.
    void begin() {
        queue.claims.push_back({.emails = {email}, .refused = 0, .missing = {}});
        feed_job();
        processor.run_once(clock.now(), Duration::zero(), {});
    }
    const domain::Outcome& written() {
        writer.run_once();
        return queue.flush_calls.back().outcomes.at(0);
    }

    test::Trace trace;
    test::FakeBus bus{trace};
    test::FakeEmailQueue queue{trace};
    test::ManualClock clock;
    metrics::Registry registry;
    Surroundings surroundings{clock, registry};
    Doorbell producer_bell, relay_bell;
    domain::ClaimedEmail email = claimed_email(clock.now());
    FakeAccounts accounts;
    PlainComposer composer;
    SenderConfig config = sender_config();
    Sessions sessions{config, clock, registry};
    OutcomeWriter writer{queue, sessions, producer_bell, relay_bell, {}, surroundings};
    test::FakeTransport transport{sessions, trace};
    EmailProcessor processor{bus, queue, sessions, Letters{queue, accounts, composer}, config, surroundings};
};

}  // namespace sequitur::workers
