#include "store/account_store.hpp"

#include <cassert>

#include "base/log.hpp"
#include "domain/oauth_providers.hpp"
#include "store/sql.hpp"
#include "store/translate.hpp"

namespace sequitur::store {

namespace {

domain::TlsMode tls_mode(std::string_view name) {
    if (name == "implicit") return domain::TlsMode::implicit;
    if (name == "starttls") return domain::TlsMode::starttls;
    assert(name == "none");
    return domain::TlsMode::none;
}

domain::AuthKind auth_kind(std::string_view name) {
    if (name == "password") return domain::AuthKind::password;
    if (name == "cram_md5") return domain::AuthKind::cram_md5;
    assert(name == "oauth2");
    return domain::AuthKind::oauth2;
}

/// An own URL goes before the provider's: Microsoft has one for each tenant.
domain::OAuthClient oauth_client(pg::Row& row, const MailboxId& mailbox, const Secrets& secrets) {
    using Text = std::optional<std::string>;
    using Bytes = std::optional<pg::Bytes>;
    const auto provider = domain::oauth_provider(row.next<Text>().value_or(""));
    domain::OAuthClient client;
    client.token_url = row.next<Text>().value_or(std::string{provider.token_url});
    client.scope = provider.scope;
    client.client_id = row.next<Text>().value_or("");
    if (const auto sealed = row.next<Bytes>())
        client.client_secret = secrets.unseal(*sealed, {mailbox, sealed_column::oauth_client_secret});
    if (const auto sealed = row.next<Bytes>())
        client.refresh_token = secrets.unseal(*sealed, {mailbox, sealed_column::oauth_refresh_token});
    return client;
}

domain::SenderAccount account_of(pg::Row row, const Secrets& secrets) {
    domain::SmtpAccount smtp;
    domain::SenderAccount account;
    smtp.mailbox = row.next<MailboxId>();
    smtp.version = row.next<std::int64_t>();
    smtp.address = row.next<std::string>();
    account.from_name = row.next<std::string>();
    smtp.host = row.next<std::string>();
    smtp.port = row.next<int>();
    smtp.tls = tls_mode(row.next<std::string>());
    smtp.username = row.next<std::optional<std::string>>().value_or("");
    if (const auto sealed = row.next<std::optional<pg::Bytes>>())
        smtp.password = secrets.unseal(*sealed, {smtp.mailbox, sealed_column::smtp_password});
    smtp.auth = auth_kind(row.next<std::string>());
    smtp.oauth = oauth_client(row, smtp.mailbox, secrets);
    smtp.ehlo_name = row.next<std::optional<std::string>>().value_or("");
    smtp.dsn = row.next<bool>();
    account.reply_to = row.next<std::optional<std::string>>().value_or("");
    account.utc_offset_minutes = row.next<int>();
    account.tracking_host = row.next<std::string>();
    account.smtp = std::make_shared<const domain::SmtpAccount>(std::move(smtp));
    return account;
}

}  // namespace

std::vector<domain::SenderAccount> AccountStore::load(const std::vector<MailboxId>& mailboxes) {
    const auto result = translated([&] { return pool_.lease()->exec(sql::sender_accounts, pg::Params{mailboxes}); });
    std::vector<domain::SenderAccount> accounts;
    for (int row = 0; row < result.rows(); ++row) {
        try {
            accounts.push_back(account_of(result.row(row), secrets_));
        } catch (const SecretsError& error) {
            log::error("mailbox password does not open",
                       {{"mailbox", result.get<MailboxId>(row, 0).text()}, {"error", error.what()}});
        }
    }
    return accounts;
}

void AccountStore::replace(const domain::SmtpAccount& account, const Secret& refresh_token) {
    const auto sealed = secrets_.seal(refresh_token, {account.mailbox, sealed_column::oauth_refresh_token});
    translated(
        [&] { pool_.lease()->exec(sql::refresh_token_replace, pg::Params{account.mailbox, account.version, sealed}); });
}

}  // namespace sequitur::store
