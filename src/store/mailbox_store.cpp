#include "store/mailbox_store.hpp"

#include "base/fault.hpp"
#include "pg/transaction.hpp"
#include "pg/with_retry.hpp"
#include "store/sql.hpp"
#include "store/stop_emails.hpp"
#include "store/translate.hpp"

namespace sequitur::store {

namespace {

constexpr int deadlock_tries_max = 5;

bool timezone_known(pg::Connection& connection, const std::string& name) {
    return name == "UTC" || connection.exec(sql::timezone_known, pg::Params{name}).get<bool>(0, 0);
}

domain::MailboxView view_of(pg::Row row) {
    domain::MailboxView view;
    view.id = row.next<MailboxId>();
    view.email = row.next<std::string>();
    view.from_name = row.next<std::string>();
    view.daily_capacity = row.next<int>();
    view.status = row.next<std::string>();
    view.state_reason = row.next<std::optional<std::string>>();
    view.state_detail = row.next<std::optional<std::string>>();
    view.backoff_until = row.next<std::optional<TimePoint>>();
    view.probe_at = row.next<std::optional<TimePoint>>();
    view.provider = row.next<std::optional<std::string>>();
    view.smtp_host = row.next<std::string>();
    view.smtp_port = row.next<int>();
    view.smtp_username = row.next<std::optional<std::string>>();
    view.has_password = row.next<bool>();
    view.tls = row.next<std::string>();
    view.timezone = row.next<std::string>();
    view.min_gap_seconds = row.next<int>();
    view.tracking_host = row.next<std::optional<std::string>>();
    view.auth = row.next<std::string>();
    view.oauth_provider = row.next<std::optional<std::string>>();
    view.oauth_token_url = row.next<std::optional<std::string>>();
    view.oauth_client_id = row.next<std::optional<std::string>>();
    view.has_oauth_client_secret = row.next<bool>();
    view.has_oauth_refresh_token = row.next<bool>();
    view.ehlo_name = row.next<std::optional<std::string>>();
    view.dsn = row.next<bool>();
    view.reply_to = row.next<std::optional<std::string>>();
    view.sent_today = row.next<int>();
    view.reserved_today = row.next<int>();
    view.unknown_today = row.next<int>();
    view.created_at = row.next<TimePoint>();
    view.updated_at = row.next<TimePoint>();
    return view;
}

std::vector<domain::MailboxView> views(pg::Connection& connection, std::optional<MailboxId> only,
                                       std::optional<MailboxId> after, int limit) {
    const auto result = connection.exec(sql::mailboxes_page, pg::Params{only, after, limit});
    std::vector<domain::MailboxView> all;
    for (int i = 0; i < result.rows(); ++i) all.push_back(view_of(result.row(i)));
    return all;
}

/// The mailbox can send now: it takes who has none, and its share of what nobody has begun.
void take_share(pg::Connection& connection, const MailboxId& id) {
    connection.exec(sql::mailbox_adopt, pg::Params{id});
    connection.exec(sql::mailbox_spread, pg::Params{id});
}

bool changes_connection(const domain::MailboxPatch& patch) {
    return patch.smtp_host || patch.smtp_port || patch.smtp_username || patch.smtp_password || patch.tls ||
           patch.choices.changes_connection();
}

std::vector<EmailId> moving_emails(pg::Connection& connection, const MailboxId& id) {
    return connection.exec(sql::moving_emails_of_mailbox, pg::Params{id}).column<EmailId>(0);
}

}  // namespace

std::optional<pg::Bytes> MailboxStore::sealed(const std::optional<Secret>& secret, const MailboxId& id,
                                              std::string_view column) const {
    if (!secret) return std::nullopt;
    return secrets_.seal(*secret, {id, column});
}

MailboxStore::Sealed MailboxStore::sealed(const std::optional<Secret>& password, const domain::MailboxChoices& choices,
                                          const MailboxId& id) const {
    return {sealed(password, id, sealed_column::smtp_password),
            sealed(choices.oauth_client_secret, id, sealed_column::oauth_client_secret),
            sealed(choices.oauth_refresh_token, id, sealed_column::oauth_refresh_token)};
}

std::variant<domain::MailboxView, domain::EmailTaken, domain::UnknownTimezone>
MailboxStore::create(const domain::NewMailbox& mailbox) {
    using Answer = std::variant<domain::MailboxView, domain::EmailTaken, domain::UnknownTimezone>;
    return translated([&]() -> Answer {
        const auto connection = pool_.lease();
        if (!timezone_known(*connection, mailbox.timezone)) return domain::UnknownTimezone{};
        const auto id = MailboxId::make(clock_.now());
        const auto secret = sealed(mailbox.smtp_password, mailbox.choices, id);
        const auto& choices = mailbox.choices;
        const auto answer = pg::with_retry(deadlock_tries_max, [&]() -> Answer {
            pg::Transaction transaction{*connection};
            const auto inserted = connection->exec(sql::mailbox_insert, pg::Params{id,
                                                                                   mailbox.email,
                                                                                   mailbox.from_name,
                                                                                   mailbox.daily_capacity,
                                                                                   mailbox.provider,
                                                                                   mailbox.smtp_host,
                                                                                   mailbox.smtp_port,
                                                                                   mailbox.smtp_username,
                                                                                   secret.password,
                                                                                   mailbox.tls,
                                                                                   mailbox.timezone,
                                                                                   mailbox.min_gap_seconds,
                                                                                   choices.auth,
                                                                                   choices.oauth_provider,
                                                                                   choices.oauth_token_url,
                                                                                   choices.oauth_client_id,
                                                                                   secret.client_secret,
                                                                                   secret.refresh_token,
                                                                                   choices.ehlo_name,
                                                                                   choices.dsn,
                                                                                   choices.reply_to,
                                                                                   mailbox.tracking_host});
            if (inserted.empty()) return domain::EmailTaken{};
            take_share(*connection, id);
            auto view = views(*connection, id, std::nullopt, 1).at(0);
            transaction.commit();
            return view;
        });
        if (std::holds_alternative<domain::MailboxView>(answer)) due_.give(*connection);
        return answer;
    });
}

std::vector<domain::MailboxView> MailboxStore::list(std::optional<MailboxId> after, int limit) {
    return translated([&] { return views(*pool_.lease(), std::nullopt, after, limit); });
}

std::optional<domain::MailboxView> MailboxStore::find(const MailboxId& id) {
    return translated([&]() -> std::optional<domain::MailboxView> {
        auto found = views(*pool_.lease(), id, std::nullopt, 1);
        if (found.empty()) return std::nullopt;
        return std::move(found.front());
    });
}

std::optional<std::variant<domain::MailboxView, domain::UnknownTimezone>>
MailboxStore::patch(const MailboxId& id, const domain::MailboxPatch& patch) {
    using Answer = std::optional<std::variant<domain::MailboxView, domain::UnknownTimezone>>;
    return translated([&]() -> Answer {
        const auto connection = pool_.lease();
        if (patch.timezone && !timezone_known(*connection, *patch.timezone)) return domain::UnknownTimezone{};
        const auto secret = sealed(patch.smtp_password, patch.choices, id);
        const auto& choices = patch.choices;
        const auto answer = pg::with_retry(deadlock_tries_max, [&]() -> Answer {
            pg::Transaction transaction{*connection};
            const auto before = views(*connection, id, std::nullopt, 1);
            if (before.empty()) return std::nullopt;
            if (patch.daily_capacity)
                connection->exec(sql::mailbox_set_cap, pg::Params{id, *patch.daily_capacity, patch.timezone});
            const auto patched = connection->exec(sql::mailbox_patch, pg::Params{id,
                                                                                 patch.from_name,
                                                                                 patch.daily_capacity,
                                                                                 patch.provider,
                                                                                 patch.smtp_host,
                                                                                 patch.smtp_port,
                                                                                 patch.smtp_username,
                                                                                 secret.password,
                                                                                 patch.tls,
                                                                                 patch.timezone,
                                                                                 patch.min_gap_seconds,
                                                                                 changes_connection(patch),
                                                                                 choices.auth,
                                                                                 choices.oauth_provider,
                                                                                 choices.oauth_token_url,
                                                                                 choices.oauth_client_id,
                                                                                 secret.client_secret,
                                                                                 secret.refresh_token,
                                                                                 choices.ehlo_name,
                                                                                 choices.dsn,
                                                                                 choices.reply_to,
                                                                                 patch.tracking_host});
            if (patched.empty()) return std::nullopt;
            if (before[0].status == "error" && patched.get<std::string>(0, 0) == "active") take_share(*connection, id);
            auto view = views(*connection, id, std::nullopt, 1).at(0);
            transaction.commit();
            return view;
        });
        if (answer) due_.give(*connection);
        return answer;
    });
}

std::optional<domain::StopReceipt> MailboxStore::pause(const MailboxId& id, const std::string& reason) {
    return translated([&]() -> std::optional<domain::StopReceipt> {
        const auto connection = pool_.lease();
        const auto paused = connection->exec(sql::mailbox_pause, pg::Params{id, reason});
        if (paused.empty()) return std::nullopt;
        fault::point("stop.between_transactions");
        domain::StopReceipt receipt;
        receipt.status = paused.get<std::string>(0, 0);
        stop_emails(*connection, moving_emails(*connection, id), StopTarget::scheduled, "mailbox_paused", receipt);
        return receipt;
    });
}

std::optional<domain::ResumeReceipt> MailboxStore::resume(const MailboxId& id) {
    return translated([&]() -> std::optional<domain::ResumeReceipt> {
        const auto connection = pool_.lease();
        const auto resumed = connection->exec(sql::mailbox_resume, pg::Params{id});
        if (resumed.empty()) return std::nullopt;
        resume_emails(*connection, moving_emails(*connection, id));
        pg::with_retry(deadlock_tries_max, [&] {
            pg::Transaction transaction{*connection};
            take_share(*connection, id);
            transaction.commit();
        });
        const auto waiting = connection->exec(sql::scheduled_of_mailbox, pg::Params{id});
        due_.give(*connection);
        return domain::ResumeReceipt{resumed.get<std::string>(0, 0), waiting.get<std::int64_t>(0, 0)};
    });
}

}  // namespace sequitur::store
