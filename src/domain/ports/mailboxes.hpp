// Mailboxes: whose mail leaves from where, how much a day, and why one does not send now.
// Thread-safe. Throws StoreUnavailable, StoreRefused.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/secret.hpp"
#include "domain/ports/stop_acts.hpp"

namespace sequitur::domain {

/// What both a new mailbox and a change of one may say; unset = the default, or as it is. An empty text clears.
struct MailboxChoices {
    std::optional<std::string> auth;  ///< password, cram_md5, oauth2
    std::optional<std::string> oauth_provider;
    std::optional<std::string> oauth_token_url;
    std::optional<std::string> oauth_client_id;
    std::optional<Secret> oauth_client_secret;
    std::optional<Secret> oauth_refresh_token;
    std::optional<std::string> ehlo_name;
    std::optional<bool> dsn;
    std::optional<std::string> reply_to;  ///< checked and normalised

    bool changes_connection() const {
        return auth || oauth_provider || oauth_token_url || oauth_client_id || oauth_client_secret ||
               oauth_refresh_token || ehlo_name || dsn;
    }
};

struct NewMailbox {
    std::string email;  ///< checked and normalised
    std::string from_name;
    int daily_capacity = 30;
    std::optional<std::string> provider;
    std::string smtp_host;
    int smtp_port = 465;
    std::optional<std::string> smtp_username;
    std::optional<Secret> smtp_password;
    std::string tls = "implicit";
    std::string timezone = "UTC";
    int min_gap_seconds = 60;
    std::optional<std::string> tracking_host;  ///< of its links, without a scheme
    MailboxChoices choices;
};

/// What PATCH may change; unset = as it is. The address is immutable.
struct MailboxPatch {
    std::optional<std::string> from_name;
    std::optional<int> daily_capacity;
    std::optional<std::string> provider;
    std::optional<std::string> smtp_host;
    std::optional<int> smtp_port;
    std::optional<std::string> smtp_username;
    std::optional<Secret> smtp_password;
    std::optional<std::string> tls;
    std::optional<std::string> timezone;
    std::optional<int> min_gap_seconds;
    std::optional<std::string> tracking_host;  ///< empty: none of its own
    MailboxChoices choices;
};

struct MailboxView {
    MailboxId id;
    std::string email;
    std::string from_name;
    int daily_capacity = 0;
    std::string status;
    std::optional<std::string> state_reason;
    std::optional<std::string> state_detail;  ///< the server's own words
    std::optional<TimePoint> backoff_until;   ///< in the future, or unset
    std::optional<TimePoint> probe_at;        ///< when a refused login is tried once more
    std::optional<std::string> provider;
    std::string smtp_host;
    int smtp_port = 0;
    std::optional<std::string> smtp_username;
    bool has_password = false;
    std::string tls;
    std::string timezone;
    int min_gap_seconds = 0;
    std::optional<std::string> tracking_host;
    std::string auth;
    std::optional<std::string> oauth_provider;
    std::optional<std::string> oauth_token_url;
    std::optional<std::string> oauth_client_id;
    bool has_oauth_client_secret = false;
    bool has_oauth_refresh_token = false;
    std::optional<std::string> ehlo_name;
    bool dsn = false;
    std::optional<std::string> reply_to;
    std::int64_t sent_today = 0;
    std::int64_t reserved_today = 0;
    std::int64_t unknown_today = 0;
    TimePoint created_at;
    TimePoint updated_at;
};

struct EmailTaken {};
struct UnknownTimezone {};

class Mailboxes {
public:
    virtual ~Mailboxes() = default;

    /// Also assigns the mailbox to open mail that has none.
    virtual std::variant<MailboxView, EmailTaken, UnknownTimezone> create(const NewMailbox& mailbox) = 0;
    virtual std::vector<MailboxView> list(std::optional<MailboxId> after, int limit) = 0;
    virtual std::optional<MailboxView> find(const MailboxId& id) = 0;
    /// A new daily_capacity sets today's cap to the greater of itself and what is used. A change of
    /// host, port, TLS, user or password ends a back-off.
    virtual std::optional<std::variant<MailboxView, UnknownTimezone>> patch(const MailboxId& id,
                                                                            const MailboxPatch& patch) = 0;
    /// Stop act: queued mail goes back to `scheduled`, mail without its permit will not go.
    virtual std::optional<StopReceipt> pause(const MailboxId& id, const std::string& reason) = 0;
    /// Ends pause, error and back-off.
    virtual std::optional<ResumeReceipt> resume(const MailboxId& id) = 0;
};

}  // namespace sequitur::domain
