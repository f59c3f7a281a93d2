#include "domain/mailbox_rest.hpp"

#include <algorithm>
#include <array>

namespace sequitur::domain {

namespace {

struct Remedy {
    std::string_view reason;
    std::string_view text;
};

constexpr std::array remedies{
    Remedy{"dns_failed", "Check smtp_host: its name has no address. It is asked again by itself; after the third time "
                         "that the name does not exist, correct it and resume the mailbox."},
    Remedy{"connect_failed", "Nothing to do if the server is only down: it is tried again. Else check smtp_host and "
                             "smtp_port, and that this machine may connect to them."},
    Remedy{"host_refused", "smtp_host leads to a private address. If it is your own server, allow it with the setting "
                           "smtp.allow_private_hosts; else correct smtp_host. Then resume the mailbox."},
    Remedy{"tls_failed", "Check `tls` and smtp_port (465: implicit, 587: starttls) and the server's certificate; a "
                         "private authority goes into smtp.ca_file. Then resume the mailbox."},
    Remedy{"greeting_failed", "Nothing to do if the server is only busy: it is tried again. Else check smtp_port and "
                              "`tls`: a TLS port says nothing in the clear."},
    Remedy{"greeting_refused", "The server turns this machine away. Ask its operator, or whoever runs the block list "
                               "that it names, then resume the mailbox."},
    Remedy{"ehlo_failed", "Nothing to do: it is tried again."},
    Remedy{"ehlo_refused",
           "The server does not like our name. Set ehlo_name to a name that leads to this machine, then "
           "resume the mailbox."},
    Remedy{"auth_failed", "Correct the user and the password, or connect the account anew (OAuth), then resume the "
                          "mailbox. After a refused login it tries once more by itself after an hour."},
    Remedy{"no_credentials", "The stored credentials were sealed with another master key. Set them again, then resume "
                             "the mailbox."},
    Remedy{"throttled", "Nothing to do: the server asks to wait, and it is tried again."},
    Remedy{"quota", "The provider's own limit is reached. It is tried again every hour; set daily_capacity below that "
                    "limit."},
    Remedy{"sender_deferred", "Nothing to do if it passes: it is tried again."},
    Remedy{"sender_refused", "The server does not let this login send as this address. Allow it there, then resume the "
                             "mailbox."},
    Remedy{"connection_lost", "Nothing to do: it is tried again."},
    Remedy{"refused_as_spam",
           "Three of the last twenty mails were refused by policy or as spam. Look at their replies, "
           "the text and SPF, DKIM and DMARC of the domain, then resume the mailbox."},
};

}  // namespace

std::optional<MailboxRest> rest_after(MailboxAct act, const MailboxId& mailbox, int failures,
                                      const RestPolicy& policy) {
    const auto back_off = mailbox_back_off(mailbox, failures, policy.first, policy.longest);
    switch (act) {
        case MailboxAct::none:
        case MailboxAct::count_refusal: return std::nullopt;
        case MailboxAct::back_off: return MailboxRest{back_off, false, {}, false};
        case MailboxAct::host_back_off: return MailboxRest{back_off, false, {}, true};
        case MailboxAct::host_thrice: return MailboxRest{back_off, failures >= failures_before_person, {}, true};
        case MailboxAct::hold:
            return MailboxRest{mailbox_back_off(mailbox, 1, policy.quota, policy.quota), false, {}, false};
        case MailboxAct::pause_login: return MailboxRest{{}, true, policy.login_probe, false};
        case MailboxAct::needs_a_person: return MailboxRest{{}, true, {}, false};
    }
    return std::nullopt;
}

std::string_view remedy_for(std::string_view state_reason) {
    const auto found = std::ranges::find(remedies, state_reason, &Remedy::reason);
    return found == remedies.end() ? std::string_view{} : found->text;
}

}  // namespace sequitur::domain
