// A mailbox as JSON, in and out. Passwords, client secrets and tokens go in and never come out.
#pragma once

#include "domain/link_base.hpp"
#include "domain/ports/mailboxes.hpp"
#include "http/fields.hpp"

namespace sequitur::http {

/// Hosts to which mail may go in the clear; loopback hosts always may.
using PlaintextHosts = std::vector<std::string>;

bool may_be_plaintext(std::string_view host, const PlaintextHosts& allowed);

domain::NewMailbox read_mailbox(const json::value& body, const PlaintextHosts& allowed, Problems& problems);

/// `now`: the mailbox as it is, for rules that need two values of which only one is changed.
domain::MailboxPatch read_mailbox_patch(const json::value& body, const domain::MailboxView& now,
                                        const PlaintextHosts& allowed, Problems& problems);

/// `links`: whether its mails can be tracked at all.
json::object mailbox_json(const domain::MailboxView& mailbox, const domain::LinkSettings& links);

}  // namespace sequitur::http
