#include "app/part_configs.hpp"

#include <algorithm>

#include "app/endpoint.hpp"
#include "domain/loopback.hpp"

namespace sequitur::app {

bus::PostgresBusConfig postgres_bus_config(const Config& config) {
    bus::PostgresBusConfig bus;
    bus.database_url = config.text("database.url");
    bus.max_poll = config.duration("bus.max_poll");
    bus.check();
    return bus;
}

bus::KafkaBusConfig kafka_bus_config(const Config& config) {
    bus::KafkaBusConfig bus;
    for (const auto& broker : config.list("kafka.brokers")) bus.brokers += (bus.brokers.empty() ? "" : ",") + broker;
    bus.prefix = config.text("kafka.prefix");
    bus.partitions = config.number("kafka.partitions");
    bus.replication = config.number("kafka.replication");
    bus.retention = config.duration("kafka.retention");
    bus.retention_events = config.duration("kafka.retention_events");
    bus.properties = config.kafka_properties();
    bus.max_poll = config.duration("bus.max_poll");
    bus.check();
    return bus;
}

workers::ProducerConfig producer_config(const Config& config) {
    workers::ProducerConfig producer;
    producer.interval = config.duration("producer.interval");
    producer.limits.ahead = config.number("producer.ahead");
    producer.limits.check_after = config.duration("janitor.queued_after");
    producer.check();
    return producer;
}

domain::TrustedProxies trusted_proxies(const Config& config) {
    try {
        return domain::TrustedProxies{config.list("http.trusted_proxies")};
    } catch (const std::invalid_argument& error) {
        throw ConfigError("http.trusted_proxies: " + std::string{error.what()});
    }
}

domain::LinkSettings link_settings(const Config& config) {
    const auto& url = config.text("http.public_url");
    const auto problem = url.empty() ? std::string_view{} : domain::problem_of_public_url(url);
    if (!problem.empty()) throw ConfigError("http.public_url " + std::string{problem} + ", not '" + url + "'");
    return {.public_url = url, .listen = config.text("http.listen")};
}

domain::Footer footer(const Config& config) {
    return {.organisation = config.text("mail.organisation"), .postal_address = config.text("mail.postal_address")};
}

workers::SenderConfig sender_config(const Config& config) {
    workers::SenderConfig sender;
    sender.lease = config.duration("sender.lease");
    sender.in_flight_max = static_cast<std::size_t>(config.number("sender.in_flight_max"));
    sender.retry.first_delay = config.duration("retry.first_delay");
    sender.retry.delay_max = config.duration("retry.max_delay");
    sender.rest.first = config.duration("sender.backoff_first");
    sender.rest.longest = config.duration("sender.backoff_max");
    sender.rest.quota = config.duration("sender.quota_rest");
    sender.rest.login_probe = config.duration("sender.login_probe");
    sender.check();
    return sender;
}

workers::FollowupConfig followup_config(const Config& config) {
    const workers::FollowupConfig followup{.day = config.duration("schedule.day")};
    followup.check();
    return followup;
}

workers::JanitorConfig janitor_config(const Config& config) {
    workers::JanitorConfig janitor;
    janitor.interval = config.duration("janitor.interval");
    janitor.queued_after = config.duration("janitor.queued_after");
    janitor.failed_after = config.duration("janitor.failed_after");
    janitor.stranded_after = config.duration("janitor.stranded_after");
    janitor.unknown_after = config.duration("sender.unknown_after");
    janitor.keep = config.duration("janitor.keep");
    janitor.day = config.duration("schedule.day");
    janitor.check();
    return janitor;
}

namespace {

// Whoever reaches an API on loopback is on this machine already: its own servers are nothing new to them.
mail::PrivateHosts private_hosts(const Config& config) {
    const auto& word = config.text("smtp.allow_private_hosts");
    if (word == "yes") return mail::PrivateHosts::yes;
    if (word == "loopback") return mail::PrivateHosts::loopback;
    if (word == "no") return mail::PrivateHosts::no;
    const auto endpoint = parse_endpoint(config.text("http.listen"));
    return endpoint && domain::is_loopback_host(endpoint->host) ? mail::PrivateHosts::loopback : mail::PrivateHosts::no;
}

}  // namespace

mail::SmtpOptions smtp_options(const Config& config) {
    mail::SmtpOptions smtp;
    smtp.threads = config.number("sender.threads");
    smtp.ehlo_name = config.text("smtp.ehlo_name");
    smtp.ca_file = config.text("smtp.ca_file");
    smtp.plaintext_hosts = config.list("smtp.plaintext_hosts");
    smtp.private_hosts = private_hosts(config);
    smtp.timeouts.fit(config.duration("sender.lease"));
    return smtp;
}

http::ServerConfig http_config(const Config& config) {
    const auto& listen = config.text("http.listen");
    const auto endpoint = parse_endpoint(listen);
    if (!endpoint) throw ConfigError("http.listen must be HOST:PORT, not '" + listen + "'");
    if (config.text("http.auth") == "keys")
        throw ConfigError("http.auth = keys: API keys come in a later version. Until then set http.auth = none "
                          "(SEQUITUR_HTTP__AUTH=none), which is allowed where http.listen is a loopback address");
    if (!domain::is_loopback_host(endpoint->host))
        throw ConfigError("http.auth = none lets everybody in, so http.listen must be a loopback address such as "
                          "127.0.0.1:8080, not " +
                          listen);
    http::ServerConfig http;
    http.listen = listen;
    http.threads = config.number("http.threads");
    http.connections_max = config.number("http.connections_max");
    http.header_timeout = config.duration("http.header_timeout");
    http.body_timeout = config.duration("http.body_timeout");
    http.check();
    return http;
}

std::optional<http::ServerConfig> probes_config(const Config& config) {
    const auto& listen = config.text("metrics.listen");
    if (listen.empty()) return std::nullopt;
    if (!parse_endpoint(listen)) throw ConfigError("metrics.listen must be HOST:PORT, not '" + listen + "'");
    http::ServerConfig http;
    http.listen = listen;
    http.threads = 2;
    http.connections_max = 64;
    return http;
}

void check_parts(const Config& config, const std::vector<RoleName>& roles) {
    if (config.text("bus.kind") == "kafka")
        kafka_bus_config(config);
    else
        postgres_bus_config(config);
    producer_config(config);
    link_settings(config);
    trusted_proxies(config);
    sender_config(config);
    followup_config(config);
    janitor_config(config);
    probes_config(config);
    if (std::ranges::find(roles, RoleName::api) != roles.end()) http_config(config);
}

}  // namespace sequitur::app
