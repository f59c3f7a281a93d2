// How a sender reaches the servers of its mailboxes: the connection settings with the password unsealed, and
// what the composer needs of a mailbox. Thread-safe. Throws StoreUnavailable, StoreRefused.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "domain/ports/mail_transport.hpp"

namespace sequitur::domain {

struct SenderAccount {
    std::shared_ptr<const SmtpAccount> smtp;
    std::string from_name;
    int utc_offset_minutes = 0;  ///< of the mailbox's zone, now
    std::string tracking_host = {};  ///< of its links; empty: the installation's
    std::string reply_to{};      ///< an address, or empty
};

class Accounts {
public:
    virtual ~Accounts() = default;

    /// In any order. Left out: mailboxes that do not exist or are deleted, and (with an error in the log) one
    /// whose password can not be unsealed, so that the others go on. A paused one is not left out.
    virtual std::vector<SenderAccount> load(const std::vector<MailboxId>& mailboxes) = 0;
};

}  // namespace sequitur::domain
