#include "http/mailbox_json.hpp"

#include <algorithm>

#include "base/byte_scan.hpp"
#include "domain/address.hpp"
#include "domain/mailbox_rest.hpp"
#include "domain/opt_out_link.hpp"
#include "http/replies.hpp"

namespace sequitur::http {

namespace {

constexpr int daily_capacity_max = 1'000'000;
constexpr int min_gap_seconds_max = 86'400;
constexpr std::size_t password_chars_max = 1'024;
constexpr std::size_t token_chars_max = 8'192;
constexpr std::size_t url_chars_max = 2'048;

int default_port(std::string_view tls) { return tls == "implicit" ? 465 : tls == "starttls" ? 587 : 25; }

bool is_host(std::string_view host) {
    return std::ranges::all_of(host, [](unsigned char c) {
        return std::isalnum(c) != 0 || std::string_view{".-:[]_"}.find(static_cast<char>(c)) != std::string_view::npos;
    });
}

bool is_tracking_host(std::string_view host) {
    return std::ranges::all_of(host, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '.'; });
}

std::optional<std::string> address_of(Fields& fields, std::string_view name, Presence presence) {
    const auto text = fields.text(name, {.presence = presence});
    if (!text || (text->empty() && presence == Presence::optional)) return text;
    const auto parsed = domain::parse_address(*text);
    if (const auto* address = std::get_if<domain::Address>(&parsed)) return address->normalised();
    fields.problem(name, "invalid_email", std::get<domain::AddressProblem>(parsed).message);
    return std::nullopt;
}

std::optional<Secret> secret_of(Fields& fields, std::string_view name, std::size_t chars_max) {
    auto text = fields.text(name, {.chars_max = chars_max, .one_line = true});
    return text ? std::optional{Secret{std::move(*text)}} : std::nullopt;
}

domain::MailboxChoices read_choices(Fields& fields) {
    domain::MailboxChoices choices;
    choices.auth = fields.choice("auth", {"password", "cram_md5", "oauth2"});
    choices.oauth_provider = fields.choice("oauth_provider", {"google", "microsoft", "custom"});
    choices.oauth_token_url = fields.text("oauth_token_url", {.chars_max = url_chars_max, .one_line = true});
    if (choices.oauth_token_url && !choices.oauth_token_url->empty() &&
        !choices.oauth_token_url->starts_with("https://"))
        fields.problem("oauth_token_url", "not_https",
                       "`oauth_token_url` must begin with https://: it is sent secrets.");
    choices.oauth_client_id = fields.text("oauth_client_id", {.chars_max = 255, .one_line = true});
    choices.oauth_client_secret = secret_of(fields, "oauth_client_secret", password_chars_max);
    choices.oauth_refresh_token = secret_of(fields, "oauth_refresh_token", token_chars_max);
    choices.ehlo_name = fields.text("ehlo_name", {.chars_max = 255, .one_line = true});
    if (choices.ehlo_name && !is_host(*choices.ehlo_name))
        fields.problem("ehlo_name", "not_a_host", "`ehlo_name` must be a host name, or an address as [192.0.2.1].");
    choices.dsn = fields.boolean("dsn");
    choices.reply_to = address_of(fields, "reply_to", Presence::optional);
    if (choices.reply_to && !scan::is_ascii(*choices.reply_to))
        fields.problem("reply_to", "not_ascii",
                       "`reply_to` must be ASCII: whether a server carries another is known only from the addresses of "
                       "sender and receiver.");
    return choices;
}

/// What both bodies may hold, in the words of PATCH.
domain::MailboxPatch read_common(Fields& fields, Presence host_presence) {
    domain::MailboxPatch mailbox;
    mailbox.from_name = fields.text("from_name", {.chars_max = 255, .one_line = true});
    mailbox.daily_capacity = fields.integer("daily_capacity", {.min = 0, .max = daily_capacity_max});
    mailbox.provider = fields.text("provider", {.chars_max = 100, .one_line = true});
    mailbox.smtp_host =
        fields.text("smtp_host", {.presence = host_presence, .chars_min = 1, .chars_max = 255, .one_line = true});
    if (mailbox.smtp_host && !is_host(*mailbox.smtp_host))
        fields.problem("smtp_host", "not_a_host", "`smtp_host` must be a host name or an IP address, without a port.");
    mailbox.smtp_port = fields.integer("smtp_port", {.min = 1, .max = 65'535});
    mailbox.smtp_username = fields.text("smtp_username", {.chars_max = 255, .one_line = true});
    mailbox.smtp_password = secret_of(fields, "smtp_password", password_chars_max);
    mailbox.tls = fields.choice("tls", {"implicit", "starttls", "none"});
    mailbox.timezone = fields.text("timezone", {.chars_min = 1, .chars_max = 64, .one_line = true});
    mailbox.min_gap_seconds = fields.integer("min_gap_seconds", {.min = 0, .max = min_gap_seconds_max});
    mailbox.tracking_host = fields.text("tracking_host", {.chars_max = 255, .one_line = true});
    if (mailbox.tracking_host && !is_tracking_host(*mailbox.tracking_host))
        fields.problem("tracking_host", "not_a_host",
                       "`tracking_host` must be a host name such as track.example.com, without a scheme or a path; it "
                       "must be reached by https. An empty one clears it.");
    mailbox.choices = read_choices(fields);
    return mailbox;
}

void check_plaintext(Fields& fields, std::string_view tls, std::string_view host, const PlaintextHosts& allowed) {
    if (tls != "none" || may_be_plaintext(host, allowed)) return;
    fields.problem("tls", "plaintext_refused",
                   "`none` would send mail and password in the clear. It is for loopback hosts; for another one use "
                   "`implicit` or `starttls`, or name the host in the setting smtp.plaintext_hosts.");
}

/// What a mailbox would have after the change.
struct Login {
    std::string auth;
    std::string provider;
    bool has_username = false;
    bool has_password = false;
    bool has_token_url = false;
    bool has_client_id = false;
    bool has_refresh_token = false;
};

void check_oauth(Fields& fields, const Login& login) {
    const auto need = [&](bool is_there, std::string_view name, const std::string& why) {
        if (!is_there)
            fields.problem(name, "required", "`auth` is oauth2, which needs `" + std::string{name} + "`" + why);
    };
    need(!login.provider.empty(), "oauth_provider", ": google, microsoft or custom.");
    need(login.provider != "custom" || login.has_token_url, "oauth_token_url", " where the provider is custom.");
    need(login.has_client_id, "oauth_client_id", ".");
    need(login.has_refresh_token, "oauth_refresh_token", ".");
}

void check_login(Fields& fields, const Login& login) {
    if (login.auth == "oauth2") return check_oauth(fields, login);
    const bool is_needed = login.auth == "cram_md5";
    if (login.has_username == login.has_password && (login.has_username || !is_needed)) return;
    const auto* missing = login.has_username ? "smtp_password" : "smtp_username";
    fields.problem(missing, "required", "A login needs both `smtp_username` and `smtp_password`.");
}

bool is_given(const std::optional<std::string>& text) { return text && !text->empty(); }
bool is_given(const std::optional<Secret>& secret) { return secret && !secret->empty(); }

Login login_of(const domain::NewMailbox& mailbox) {
    const auto& choices = mailbox.choices;
    return {.auth = choices.auth.value_or("password"),
            .provider = choices.oauth_provider.value_or(""),
            .has_username = is_given(mailbox.smtp_username),
            .has_password = is_given(mailbox.smtp_password),
            .has_token_url = is_given(choices.oauth_token_url),
            .has_client_id = is_given(choices.oauth_client_id),
            .has_refresh_token = is_given(choices.oauth_refresh_token)};
}

Login login_after(const domain::MailboxPatch& patch, const domain::MailboxView& now) {
    const auto& choices = patch.choices;
    return {.auth = choices.auth.value_or(now.auth),
            .provider = choices.oauth_provider.value_or(now.oauth_provider.value_or("")),
            .has_username = is_given(patch.smtp_username ? patch.smtp_username : now.smtp_username),
            .has_password = patch.smtp_password ? is_given(patch.smtp_password) : now.has_password,
            .has_token_url = is_given(choices.oauth_token_url ? choices.oauth_token_url : now.oauth_token_url),
            .has_client_id = is_given(choices.oauth_client_id ? choices.oauth_client_id : now.oauth_client_id),
            .has_refresh_token =
                choices.oauth_refresh_token ? is_given(choices.oauth_refresh_token) : now.has_oauth_refresh_token};
}

/// What a person can do about it, in words.
json::value remedy_json(const std::optional<std::string>& state_reason) {
    const auto remedy = domain::remedy_for(state_reason.value_or(""));
    return remedy.empty() ? json::value(nullptr) : json::value(remedy);
}

json::array warnings_of(const domain::MailboxView& mailbox, const domain::LinkSettings& links) {
    json::array warnings;
    const auto base = domain::link_base(links, mailbox.tracking_host.value_or(""), mailbox.smtp_host);
    if (base.empty())
        warnings.emplace_back(json::object{
            {"code", "no_opt_out_link"},
            {"detail", "Neither `tracking_host` nor the setting http.public_url says where links lead, so the mails of "
                       "this mailbox carry no opt-out link and no List-Unsubscribe."}});
    else if (!domain::may_be_one_click(base))
        warnings.emplace_back(json::object{
            {"code", "no_one_click"},
            {"detail",
             "Links lead to http and not to https, so the mails of this mailbox carry no List-Unsubscribe. Set "
             "http.public_url to an https address."}});
    if (base.empty())
        warnings.emplace_back(json::object{
            {"code", "no_tracking"},
            {"detail", "Neither `tracking_host` nor the setting http.public_url says where links lead, so the mails of "
                       "this mailbox are not tracked."}});
    return warnings;
}

}  // namespace

bool may_be_plaintext(std::string_view host, const PlaintextHosts& allowed) {
    std::string name{host};
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool is_number = name.find_first_not_of("0123456789.") == std::string::npos;
    if (name == "localhost" || name == "::1" || name == "[::1]" || (is_number && name.starts_with("127."))) return true;
    return std::ranges::find(allowed, name) != allowed.end();
}

domain::NewMailbox read_mailbox(const json::value& body, const PlaintextHosts& allowed, Problems& problems) {
    Fields fields{body, "", problems};
    domain::NewMailbox mailbox;
    mailbox.email = address_of(fields, "email", Presence::required).value_or("");
    auto given = read_common(fields, Presence::required);
    fields.refuse_others();
    mailbox.from_name = given.from_name.value_or("");
    mailbox.daily_capacity = given.daily_capacity.value_or(mailbox.daily_capacity);
    mailbox.provider = std::move(given.provider);
    mailbox.smtp_host = given.smtp_host.value_or("");
    mailbox.smtp_username = std::move(given.smtp_username);
    mailbox.smtp_password = std::move(given.smtp_password);
    mailbox.tls = given.tls.value_or(mailbox.tls);
    mailbox.smtp_port = given.smtp_port.value_or(default_port(mailbox.tls));
    mailbox.timezone = given.timezone.value_or(mailbox.timezone);
    mailbox.min_gap_seconds = given.min_gap_seconds.value_or(mailbox.min_gap_seconds);
    mailbox.tracking_host = std::move(given.tracking_host);
    mailbox.choices = std::move(given.choices);
    if (given.smtp_host) check_plaintext(fields, mailbox.tls, mailbox.smtp_host, allowed);
    if (problems.empty()) check_login(fields, login_of(mailbox));
    return mailbox;
}

domain::MailboxPatch read_mailbox_patch(const json::value& body, const domain::MailboxView& now,
                                        const PlaintextHosts& allowed, Problems& problems) {
    Fields fields{body, "", problems, Null::is_wrong};
    auto patch = read_common(fields, Presence::optional);
    if (fields.text("email"))
        fields.problem("email", "immutable",
                       "The address of a mailbox can not change: its mails carry it. "
                       "Create another mailbox.");
    fields.refuse_others();
    if (patch.tls || patch.smtp_host)
        check_plaintext(fields, patch.tls.value_or(now.tls), patch.smtp_host.value_or(now.smtp_host), allowed);
    if (problems.empty() && patch.choices.auth) check_login(fields, login_after(patch, now));
    return patch;
}

json::object mailbox_json(const domain::MailboxView& mailbox, const domain::LinkSettings& links) {
    return {{"id", mailbox.id.text()},
            {"email", mailbox.email},
            {"from_name", mailbox.from_name},
            {"status", mailbox.status},
            {"state_reason", text_json(mailbox.state_reason)},
            {"state_detail", text_json(mailbox.state_detail)},
            {"remedy", remedy_json(mailbox.state_reason)},
            {"backoff_until", time_json(mailbox.backoff_until)},
            {"probe_at", time_json(mailbox.probe_at)},
            {"daily_capacity", mailbox.daily_capacity},
            {"sent_today", mailbox.sent_today},
            {"reserved_today", mailbox.reserved_today},
            {"unknown_today", mailbox.unknown_today},
            {"provider", text_json(mailbox.provider)},
            {"smtp_host", mailbox.smtp_host},
            {"smtp_port", mailbox.smtp_port},
            {"smtp_username", text_json(mailbox.smtp_username)},
            {"has_password", mailbox.has_password},
            {"tls", mailbox.tls},
            {"timezone", mailbox.timezone},
            {"min_gap_seconds", mailbox.min_gap_seconds},
            {"tracking_host", text_json(mailbox.tracking_host)},
            {"warnings", warnings_of(mailbox, links)},
            {"auth", mailbox.auth},
            {"oauth_provider", text_json(mailbox.oauth_provider)},
            {"oauth_token_url", text_json(mailbox.oauth_token_url)},
            {"oauth_client_id", text_json(mailbox.oauth_client_id)},
            {"has_oauth_client_secret", mailbox.has_oauth_client_secret},
            {"has_oauth_refresh_token", mailbox.has_oauth_refresh_token},
            {"ehlo_name", text_json(mailbox.ehlo_name)},
            {"dsn", mailbox.dsn},
            {"reply_to", text_json(mailbox.reply_to)},
            {"created_at", time_json(mailbox.created_at)},
            {"updated_at", time_json(mailbox.updated_at)}};
}

}  // namespace sequitur::http
