#include "store/mailbox_store.hpp"

#include <gtest/gtest.h>

#include "support/api_world.hpp"

namespace sequitur {
namespace {

using test::ApiWorld;

domain::NewMailbox new_mailbox(const std::string& email = "ana@corp.test") {
    domain::NewMailbox mailbox;
    mailbox.email = email;
    mailbox.from_name = "Ana";
    mailbox.smtp_host = "smtp.corp.test";
    mailbox.smtp_username = "ana";
    mailbox.smtp_password = Secret{"hunter2"};
    mailbox.timezone = "Asia/Kolkata";
    return mailbox;
}

domain::MailboxView view(const std::optional<std::variant<domain::MailboxView, domain::UnknownTimezone>>& answer) {
    return std::get<domain::MailboxView>(answer.value());
}

std::string of(ApiWorld& world, const MailboxId& id) {
    return world.rows(
        "SELECT count(*) FROM email_queues e JOIN sequence_contacts sc ON sc.id = e.sequence_contact_id AND "
        "sc.mailbox_id = e.mailbox_id WHERE e.mailbox_id = '" +
        id.text() + "'");
}

TEST(Mailboxes, KeepTheirPasswordSealedAndOpenItForTheSenders) {
    ApiWorld world;
    const auto made = std::get<domain::MailboxView>(world.mailboxes.create(new_mailbox()));
    EXPECT_TRUE(made.has_password);
    EXPECT_EQ(made.status, "active");
    EXPECT_EQ(world.rows("SELECT position('hunter2'::bytea in encrypted_smtp_password) FROM mailboxes"), "0");

    const auto accounts = world.accounts.load({made.id, MailboxId::make(world.clock.now())});

    ASSERT_EQ(accounts.size(), 1U);
    EXPECT_EQ(accounts[0].smtp->password.reveal(), "hunter2");
    EXPECT_EQ(accounts[0].smtp->username, "ana");
    EXPECT_EQ(accounts[0].smtp->address, "ana@corp.test");
    EXPECT_EQ(accounts[0].smtp->version, 1);
    EXPECT_EQ(accounts[0].smtp->tls, domain::TlsMode::implicit);
    EXPECT_EQ(accounts[0].from_name, "Ana");
    EXPECT_EQ(accounts[0].utc_offset_minutes, 330);
}

TEST(Mailboxes, KeepWhatATokenIsAskedWithSealedAndOpenItForTheSenders) {
    ApiWorld world;
    auto given = new_mailbox();
    given.choices.auth = "oauth2";
    given.choices.oauth_provider = "microsoft";
    given.choices.oauth_client_id = "client";
    given.choices.oauth_client_secret = Secret{"s3cret"};
    given.choices.oauth_refresh_token = Secret{"r3fresh"};
    given.choices.ehlo_name = "out.corp.test";
    given.choices.dsn = true;
    given.choices.reply_to = "sales@corp.test";
    const auto made = std::get<domain::MailboxView>(world.mailboxes.create(given));
    EXPECT_TRUE(made.has_oauth_client_secret && made.has_oauth_refresh_token && made.dsn);
    EXPECT_EQ(world.rows("SELECT position('r3fresh'::bytea in encrypted_oauth_refresh_token) FROM mailboxes"), "0");

    const auto account = world.accounts.load({made.id}).at(0);
    EXPECT_EQ(account.smtp->auth, domain::AuthKind::oauth2);
    EXPECT_EQ(account.smtp->oauth.token_url, "https://login.microsoftonline.com/common/oauth2/v2.0/token");
    EXPECT_EQ(account.smtp->oauth.client_secret.reveal(), "s3cret");
    EXPECT_EQ(account.smtp->oauth.refresh_token.reveal(), "r3fresh");
    EXPECT_EQ(account.smtp->ehlo_name, "out.corp.test");
    EXPECT_TRUE(account.smtp->dsn);
    EXPECT_EQ(account.reply_to, "sales@corp.test");

    domain::MailboxPatch patch;
    patch.choices.oauth_refresh_token = Secret{"another"};
    patch.choices.reply_to = "";
    const auto changed = view(world.mailboxes.patch(made.id, patch));
    EXPECT_EQ(changed.reply_to, std::nullopt);
    EXPECT_EQ(changed.oauth_client_id, "client");
    EXPECT_EQ(world.accounts.load({made.id}).at(0).smtp->oauth.refresh_token.reveal(), "another");
    EXPECT_EQ(world.accounts.load({made.id}).at(0).smtp->version, 2);
}

TEST(Mailboxes, DoNotOpenAPasswordThatWasMovedToAnother) {
    ApiWorld world;
    const auto one = std::get<domain::MailboxView>(world.mailboxes.create(new_mailbox())).id;
    const auto two = std::get<domain::MailboxView>(world.mailboxes.create(new_mailbox("bo@corp.test"))).id;
    world.run(
        "UPDATE mailboxes SET encrypted_smtp_password = (SELECT encrypted_smtp_password FROM mailboxes WHERE id = '" +
        one.text() + "')");

    const auto accounts = world.accounts.load({one, two});

    ASSERT_EQ(accounts.size(), 1U);
    EXPECT_EQ(accounts[0].smtp->mailbox, one);
}

TEST(Mailboxes, RefuseATakenAddressAndAnUnknownZone) {
    ApiWorld world;
    world.mailboxes.create(new_mailbox());
    EXPECT_TRUE(std::holds_alternative<domain::EmailTaken>(world.mailboxes.create(new_mailbox())));
    auto other = new_mailbox("bo@corp.test");
    other.timezone = "Mars/Olympus";
    EXPECT_TRUE(std::holds_alternative<domain::UnknownTimezone>(world.mailboxes.create(other)));
}

TEST(Mailboxes, TakeWhoHasNoneUnlessTheSequenceNamesOthers) {
    ApiWorld world;
    const auto named = world.mailbox();
    world.mailboxes.pause(named, "manual");
    world.enrol(world.sequence({0}, {named}), {"x@acme.test"});
    world.enrol(world.sequence({0}), {"a@acme.test", "b@acme.test"});

    const auto fresh = world.mailbox();

    EXPECT_EQ(of(world, fresh), "2");
    EXPECT_EQ(of(world, named), "1");
}

TEST(Mailboxes, TakeTheirShareOfWhatNobodyHasBegun) {
    ApiWorld world;
    const auto one = world.mailbox(30);
    world.enrol(world.sequence({0}, {one}), ApiWorld::addresses(10, "named"));
    world.enrol(world.sequence({0}), ApiWorld::addresses(40));
    world.run("UPDATE email_queues SET lease_epoch = 1 WHERE id IN (SELECT id FROM email_queues ORDER BY id LIMIT 50)"
              " AND id IN (SELECT e.id FROM email_queues e JOIN sequence_contacts sc ON sc.id = e.sequence_contact_id "
              "JOIN contacts c ON c.id = sc.contact_id WHERE c.email IN ('p0@acme.test', 'p1@acme.test', "
              "'p2@acme.test', 'p3@acme.test'))");

    const auto two = world.mailbox(10);

    EXPECT_EQ(of(world, two), "9") << "a quarter of the 36 that nobody tried";
    EXPECT_EQ(
        world.rows("SELECT count(*) FROM email_queues e JOIN sequence_contacts sc ON sc.id = e.sequence_contact_id "
                   "JOIN contacts c ON c.id = sc.contact_id WHERE e.mailbox_id = '" +
                   two.text() + "' AND (e.lease_epoch > 0 OR c.email LIKE 'named%')"),
        "0");
    world.mailboxes.resume(two);
    EXPECT_EQ(of(world, two), "9") << "its share is its share";
}

TEST(PatchMailbox, NeverSetsTodaysLimitBelowWhatIsUsed) {
    ApiWorld world;
    const auto id = world.mailbox(30);
    world.run("INSERT INTO mailbox_daily_counts (mailbox_id, date, cap, sent_count, reserved_count, unknown_count) "
              "VALUES ('" +
              id.text() + "', current_date, 30, 5, 2, 1)");
    domain::MailboxPatch patch;
    patch.daily_capacity = 3;
    const auto patched = view(world.mailboxes.patch(id, patch));
    EXPECT_EQ(patched.daily_capacity, 3);
    EXPECT_EQ(patched.sent_today, 5);
    EXPECT_EQ(patched.reserved_today, 2);
    EXPECT_EQ(patched.unknown_today, 1);
    EXPECT_EQ(world.rows("SELECT cap FROM mailbox_daily_counts"), "8");

    patch.daily_capacity = 50;
    world.mailboxes.patch(id, patch);
    EXPECT_EQ(world.rows("SELECT cap FROM mailbox_daily_counts"), "50");
}

TEST(PatchMailbox, OfItsConnectionRaisesTheVersionAndEndsAnError) {
    ApiWorld world;
    const auto id = world.mailbox();
    world.run("UPDATE mailboxes SET status = 'error', state_reason = 'auth_failed', state_detail = '535', "
              "backoff_until = now() + interval '1 h', backoff_count = 3");
    domain::MailboxPatch harmless;
    harmless.provider = "corp";
    EXPECT_EQ(view(world.mailboxes.patch(id, harmless)).status, "error");
    EXPECT_EQ(world.rows("SELECT version, backoff_count FROM mailboxes"), "1 3");

    domain::MailboxPatch name;
    name.from_name = "Ana";
    EXPECT_EQ(view(world.mailboxes.patch(id, name)).status, "error");
    EXPECT_EQ(world.rows("SELECT version, backoff_count FROM mailboxes"), "2 3");

    domain::MailboxPatch password;
    password.smtp_password = Secret{"new"};
    const auto patched = view(world.mailboxes.patch(id, password));
    EXPECT_EQ(patched.status, "active");
    EXPECT_FALSE(patched.state_reason);
    EXPECT_FALSE(patched.backoff_until);
    EXPECT_EQ(world.rows("SELECT version, backoff_count FROM mailboxes"), "3 0");
    EXPECT_EQ(world.accounts.load({id}).at(0).smtp->password.reveal(), "new");
}

TEST(PatchMailbox, KnowsItsMailboxAndItsZones) {
    ApiWorld world;
    domain::MailboxPatch patch;
    patch.timezone = "Europe/Rome";
    EXPECT_FALSE(world.mailboxes.patch(MailboxId::make(world.clock.now()), patch));
    const auto id = world.mailbox();
    EXPECT_EQ(view(world.mailboxes.patch(id, patch)).timezone, "Europe/Rome");
    patch.timezone = "CEST";
    EXPECT_TRUE(std::holds_alternative<domain::UnknownTimezone>(world.mailboxes.patch(id, patch).value()));
}

TEST(PauseMailbox, TakesBackWhatIsQueuedAndStopsWhatHasNoPermit) {
    ApiWorld world;
    const auto id = world.mailbox();
    world.enrol(world.sequence({0}), ApiWorld::addresses(4));
    const auto emails = world.emails();
    world.bring_to(emails[1], "queued");
    world.bring_to(emails[2], "pre");
    world.bring_to(emails[3], "dot");

    const auto receipt = world.mailboxes.pause(id, "holiday").value();

    EXPECT_EQ(receipt.status, "paused");
    EXPECT_EQ(receipt.rescheduled, 1);
    EXPECT_EQ(receipt.stopping, 1);
    EXPECT_EQ(receipt.already_leaving, std::vector{emails[3]});
    EXPECT_EQ(world.mailboxes.find(id)->state_reason, "holiday");
    EXPECT_EQ(world.rows("SELECT status, cancel_requested FROM email_queues ORDER BY id"),
              "scheduled f,scheduled f,sending t,sending t");
    EXPECT_FALSE(world.mailboxes.pause(MailboxId::make(world.clock.now()), "x"));
}

TEST(ResumeMailbox, EndsEveryKindOfRestAndTakesFlagsBack) {
    ApiWorld world;
    const auto id = world.mailbox();
    world.enrol(world.sequence({0}), ApiWorld::addresses(2));
    world.bring_to(world.emails()[1], "pre");
    world.mailboxes.pause(id, "holiday");
    world.run("UPDATE mailboxes SET backoff_until = now() + interval '1 h', backoff_count = 2");

    const auto receipt = world.mailboxes.resume(id).value();

    EXPECT_EQ(receipt.status, "active");
    EXPECT_EQ(receipt.scheduled, 1);
    EXPECT_EQ(world.rows("SELECT status, state_reason, backoff_until, backoff_count FROM mailboxes"),
              "active  -infinity 0");
    EXPECT_EQ(world.rows("SELECT status, cancel_requested, reason FROM email_queues ORDER BY id"),
              "scheduled f ,sending f ");
}

}  // namespace
}  // namespace sequitur
