// Mailboxes: whose mail leaves from where, and how much of it.
#pragma once

#include "domain/link_base.hpp"
#include "domain/ports/mailboxes.hpp"
#include "http/router.hpp"

namespace sequitur::http {

class MailboxesApi {
public:
    /// `plaintext_hosts`: lower case; where `tls` may be `none` besides loopback hosts.
    MailboxesApi(domain::Mailboxes& mailboxes, std::vector<std::string> plaintext_hosts,
                 domain::LinkSettings links = {})
        : mailboxes_(mailboxes), plaintext_hosts_(std::move(plaintext_hosts)), links_(std::move(links)) {}
    void add_to(Router& router);

private:
    Response create(const Request& request);
    Response list(const Request& request);
    Response show(const Request& request);
    Response patch(const Request& request);
    Response pause(const Request& request);
    Response resume(const Request& request);

    domain::Mailboxes& mailboxes_;
    std::vector<std::string> plaintext_hosts_;
    domain::LinkSettings links_;
};

}  // namespace sequitur::http
