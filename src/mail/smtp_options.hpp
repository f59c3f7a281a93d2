// How the transport behaves: the settings `smtp.*`, with the defaults that hold in production.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "mail/host_policy.hpp"

namespace sequitur::mail {

/// How long a server may take in each phase (RFC 5321 §4.5.3.2; shorter ones make duplicates at the
/// dot, whose time comes with the delivery).
struct SmtpTimeouts {
    Duration connect = std::chrono::seconds{30};
    Duration tls = std::chrono::seconds{30};
    Duration greeting = std::chrono::seconds{60};
    Duration ehlo_auth = std::chrono::seconds{60};
    Duration mail_rcpt = std::chrono::seconds{300};
    Duration data = std::chrono::seconds{120};
    Duration block = std::chrono::seconds{180};
    Duration reset = std::chrono::seconds{20};
    Duration idle = std::chrono::seconds{30};  ///< then we close a connection that has nothing to do

    /// None before the dot longer than a quarter of the lease: a silent server is noticed, and its mailbox rests
    /// with that reason, before the mail's own time is over. The default lease shortens nothing.
    void fit(Duration lease) {
        for (auto* time : {&connect, &tls, &greeting, &ehlo_auth, &mail_rcpt, &data, &block, &reset})
            *time = std::min(*time, lease / 4);
    }
};

struct SmtpOptions {
    int threads = 1;
    std::string ehlo_name;                     ///< empty: the connection's own address as a literal
    std::string ca_file;                       ///< empty: the system's store
    std::vector<std::string> plaintext_hosts;  ///< may be spoken to without TLS, besides loopback
    PrivateHosts private_hosts = PrivateHosts::loopback;
    int mails_per_connection_max = 50;
    SmtpTimeouts timeouts;
    Duration message_kept = std::chrono::milliseconds{500};  ///< while a server thinks about DATA
    Duration tick = std::chrono::milliseconds{100};  ///< how exactly time-outs are kept
};

}  // namespace sequitur::mail
