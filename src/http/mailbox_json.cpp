#include "http/mailbox_json.hpp"

#include <algorithm>

#include "domain/address.hpp"
#include "domain/opt_out_link.hpp"
#include "http/replies.hpp"

namespace sequitur::http {

namespace {

constexpr int daily_capacity_max = 1'000'000;
constexpr int min_gap_seconds_max = 86'400;
constexpr std::size_t password_chars_max = 1'024;

int default_port(std::string_view tls) { return tls == "implicit" ? 465 : tls == "starttls" ? 587 : 25; }

bool is_host(std::string_view host) {
    return std::ranges::all_of(host, [](unsigned char c) {
        return std::isalnum(c) != 0 || std::string_view{".-:[]_"}.find(static_cast<char>(c)) != std::string_view::npos;
    });
}

bool is_tracking_host(std::string_view host) {
    return std::ranges::all_of(host, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '.'; });
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
    if (auto password = fields.text("smtp_password", {.chars_max = password_chars_max, .one_line = true}))
        mailbox.smtp_password = Secret{std::move(*password)};
    mailbox.tls = fields.choice("tls", {"implicit", "starttls", "none"});
    mailbox.timezone = fields.text("timezone", {.chars_min = 1, .chars_max = 64, .one_line = true});
    mailbox.min_gap_seconds = fields.integer("min_gap_seconds", {.min = 0, .max = min_gap_seconds_max});
    mailbox.tracking_host = fields.text("tracking_host", {.chars_max = 255, .one_line = true});
    if (mailbox.tracking_host && !is_tracking_host(*mailbox.tracking_host))
        fields.problem("tracking_host", "not_a_host",
                       "`tracking_host` must be a host name such as track.example.com, without a scheme or a path; it "
                       "must be reached by https. An empty one clears it.");
    return mailbox;
}

void check_plaintext(Fields& fields, std::string_view tls, std::string_view host, const PlaintextHosts& allowed) {
    if (tls != "none" || may_be_plaintext(host, allowed)) return;
    fields.problem("tls", "plaintext_refused",
                   "`none` would send mail and password in the clear. It is for loopback hosts; for another one use "
                   "`implicit` or `starttls`, or name the host in the setting smtp.plaintext_hosts.");
}

void check_login(Fields& fields, bool has_username, bool has_password) {
    if (has_username == has_password) return;
    const auto* missing = has_username ? "smtp_password" : "smtp_username";
    fields.problem(missing, "required", "A login needs both `smtp_username` and `smtp_password`.");
}

std::string normalised_address(Fields& fields) {
    const auto text = fields.text("email", {.presence = Presence::required});
    if (!text) return {};
    const auto parsed = domain::parse_address(*text);
    if (const auto* address = std::get_if<domain::Address>(&parsed)) return address->normalised();
    fields.problem("email", "invalid_email", std::get<domain::AddressProblem>(parsed).message);
    return {};
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
    mailbox.email = normalised_address(fields);
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
    if (given.smtp_host) check_plaintext(fields, mailbox.tls, mailbox.smtp_host, allowed);
    if (problems.empty())
        check_login(fields, mailbox.smtp_username && !mailbox.smtp_username->empty(),
                    mailbox.smtp_password && !mailbox.smtp_password->empty());
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
    return patch;
}

json::object mailbox_json(const domain::MailboxView& mailbox, const domain::LinkSettings& links) {
    return {{"id", mailbox.id.text()},
            {"email", mailbox.email},
            {"from_name", mailbox.from_name},
            {"status", mailbox.status},
            {"state_reason", text_json(mailbox.state_reason)},
            {"state_detail", text_json(mailbox.state_detail)},
            {"backoff_until", time_json(mailbox.backoff_until)},
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
            {"created_at", time_json(mailbox.created_at)},
            {"updated_at", time_json(mailbox.updated_at)}};
}

}  // namespace sequitur::http
