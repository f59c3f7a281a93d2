// `sequitur sink`: the demo's and the tests' mail server, until it is told to stop.
#include <fmt/format.h>

#include <cstdio>

#include "app/commands.hpp"
#include "app/endpoint.hpp"
#include "app/exit_code.hpp"
#include "app/process.hpp"
#include "mail/sink.hpp"

namespace sequitur::app {

namespace {

std::pair<std::string, std::string> login_of(const std::string& user) {
    const auto colon = user.find(':');
    if (colon == 0 || colon == std::string::npos) throw ConfigError("--user must be USER:PASSWORD");
    return {user.substr(0, colon), user.substr(colon + 1)};
}

mail::SinkOptions::Tls tls_of(const SinkOptions& options) {
    if (options.tls == "none") return mail::SinkOptions::Tls::none;
    if (options.certificate.empty() || options.key.empty())
        throw ConfigError("--tls " + options.tls + " needs --certificate and --key");
    return options.tls == "starttls" ? mail::SinkOptions::Tls::starttls : mail::SinkOptions::Tls::implicit;
}

}  // namespace

int sink(const SinkOptions& options) {
    const auto endpoint = parse_endpoint(options.listen);
    if (!endpoint) throw ConfigError("--listen must be HOST:PORT, not '" + options.listen + "'");
    protect_process();
    const StopSignals signals;
    const SystemClock clock;
    mail::SinkOptions plan;
    plan.host = endpoint->host;
    plan.port = endpoint->port;
    plan.ledger_file = options.ledger;
    plan.mails_folder = options.mails;
    plan.tls = tls_of(options);
    plan.certificate_file = options.certificate;
    plan.key_file = options.key;
    if (!options.user.empty()) plan.users.push_back(login_of(options.user));
    const mail::Sink server{plan, clock};
    fmt::print("listening on {}:{}, ledger {}\n", endpoint->host, server.port(), options.ledger);
    std::fflush(stdout);
    signals.wait();
    const auto counters = server.counters();
    fmt::print("accepted {} mails, refused {} commands\n", counters.accepted, counters.refused);
    return done;
}

}  // namespace sequitur::app
