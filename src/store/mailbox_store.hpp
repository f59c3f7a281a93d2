// Mailboxes: settings with the password sealed, pause and resume, and the share of the waiting mail that a new or
// resumed mailbox takes.
#pragma once

#include "domain/ports/mailboxes.hpp"
#include "pg/pool.hpp"
#include "store/due_signal.hpp"
#include "store/secrets.hpp"

namespace sequitur::store {

class MailboxStore final : public domain::Mailboxes {
public:
    MailboxStore(pg::Pool& pool, const Secrets& secrets, const Clock& clock, DueSignal due = DueSignal{})
        : pool_(pool), secrets_(secrets), clock_(clock), due_(std::move(due)) {}

    std::variant<domain::MailboxView, domain::EmailTaken, domain::UnknownTimezone>
    create(const domain::NewMailbox& mailbox) override;
    std::vector<domain::MailboxView> list(std::optional<MailboxId> after, int limit) override;
    std::optional<domain::MailboxView> find(const MailboxId& id) override;
    std::optional<std::variant<domain::MailboxView, domain::UnknownTimezone>>
    patch(const MailboxId& id, const domain::MailboxPatch& patch) override;
    std::optional<domain::StopReceipt> pause(const MailboxId& id, const std::string& reason) override;
    std::optional<domain::ResumeReceipt> resume(const MailboxId& id) override;

private:
    struct Sealed {
        std::optional<pg::Bytes> password, client_secret, refresh_token;
    };
    std::optional<pg::Bytes> sealed(const std::optional<Secret>& secret, const MailboxId& id,
                                    std::string_view column) const;
    Sealed sealed(const std::optional<Secret>& password, const domain::MailboxChoices& choices,
                  const MailboxId& id) const;

    pg::Pool& pool_;
    const Secrets& secrets_;
    const Clock& clock_;  ///< for the time inside new ids
    DueSignal due_;
};

}  // namespace sequitur::store
