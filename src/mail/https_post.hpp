// One POST of a form over HTTPS, with libcurl: TLS 1.2 or better, no redirects, no proxy, small answers only. It blocks
// for at most `longest`. The address that is connected to is checked (host_policy.hpp).
#pragma once

#include <string>

#include "base/clock.hpp"
#include "mail/host_policy.hpp"

namespace sequitur::mail {

struct HttpsOptions {
    std::string ca_file{};  ///< empty: the system's store
    PrivateHosts private_hosts = PrivateHosts::no;
    Duration longest = std::chrono::seconds{20};
};

struct HttpsAnswer {
    int status = 0;  ///< 0: there was no answer, `problem` says why
    std::string body;
    std::string problem;
};

/// Thread-safe.
HttpsAnswer https_post(const std::string& url, const std::string& form, const HttpsOptions& options);

}  // namespace sequitur::mail
