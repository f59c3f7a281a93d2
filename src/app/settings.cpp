#include "app/settings.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/duration.hpp"
#include "base/nearest.hpp"

namespace sequitur::app {

namespace {

// clang-format off: a table is read by its columns
constexpr Setting table[] = {
    {"database.url", Kind::secret, "postgresql:///sequitur", "libpq URI of the database"},
    {"database.connections", Kind::number, "16", "connections of the API in a process", {}, 1, 1000},
    {"startup.wait", Kind::duration, "60s", "how long `serve` waits for the database at start"},
    {"serve.roles", Kind::list, "all", "which roles run in this process (flag --roles)"},
    {"log.level", Kind::choice, "info", "lines below this level are dropped", "debug|info|warn|error"},

    {"http.listen", Kind::text, "127.0.0.1:8080", "where the API listens"},
    {"http.auth", Kind::choice, "keys", "`none` only on loopback; keys come in a later version", "keys|none"},
    {"http.public_url", Kind::text, "", "base of tracking and unsubscribe links: https://HOST, as people reach it"},
    {"http.threads", Kind::number, "8", "handlers that run at the same time", {}, 1, 1000},
    {"http.connections_max", Kind::number, "1024", "connections at the same time", {}, 1, 100000},
    {"http.header_timeout", Kind::duration, "30s", "how long a client may take for a request's headers; then 408"},
    {"http.body_timeout", Kind::duration, "30s", "how long a client may take for a request's body; then 408"},
    {"http.trusted_proxies", Kind::list, "", "addresses, or networks as 10.0.0.0/8, whose X-Forwarded-For is believed"},
    {"metrics.listen", Kind::text, "", "where /livez, /readyz and /metrics are without an API"},

    {"bus.kind", Kind::choice, "postgres", "where records travel: inside PostgreSQL, or on Kafka", "postgres|kafka"},
    {"bus.max_poll", Kind::duration, "60s", "a consumer that has not polled for so long loses its place"},
    {"kafka.brokers", Kind::list, "", "HOST:PORT of brokers, for bus.kind=kafka"},
    {"kafka.prefix", Kind::text, "", "before the names of topics and groups, where a cluster is shared"},
    {"kafka.partitions", Kind::number, "8", "of a topic that is made; existing ones are left alone", {}, 1, 64},
    {"kafka.replication", Kind::number, "0", "copies of a topic that is made; 0: the brokers' default", {}, 0, 10},
    {"kafka.retention", Kind::duration, "7d", "how long a topic that is made keeps its records"},
    {"kafka.retention_events", Kind::duration, "30d", "the same for email-events and dead letters"},

    {"producer.interval", Kind::duration, "5m", "the backstop; due mail is taken at once"},
    {"producer.ahead", Kind::number, "50", "emails reserved and unfinished per mailbox", {}, 1, 10000},

    {"schedule.day", Kind::duration, "24h", "length of one day of `wait_days`"},
    {"retry.first_delay", Kind::duration, "1h", "wait after the first failure; doubles from there"},
    {"retry.max_delay", Kind::duration, "12h", "the longest wait between two tries"},

    {"sender.lease", Kind::duration, "20m", "how long one try of an email may take"},
    {"sender.unknown_after", Kind::duration, "24h", "when `unknown` becomes `assumed_sent`"},
    {"sender.threads", Kind::number, "2", "threads that talk SMTP", {}, 1, 256},
    {"sender.in_flight_max", Kind::number, "10000", "emails between claim and outcome, a process", {}, 50, 1000000},
    {"sender.backoff_first", Kind::duration, "1m", "a mailbox's rest after its first failure; doubles"},
    {"sender.backoff_max", Kind::duration, "1h", "a mailbox's longest rest"},
    {"sender.quota_rest", Kind::duration, "1h", "a mailbox's rest at a limit of its provider"},
    {"sender.login_probe", Kind::duration, "1h", "when a refused login is tried once more"},

    {"mail.organisation", Kind::text, "", "who sends the mail: in its footer and on the opt-out page"},
    {"mail.postal_address", Kind::text, "", "in the footer of every mail; lines separated by \"; \""},

    {"smtp.plaintext_hosts", Kind::list, "", "hosts besides loopback where tls=none is allowed"},
    {"smtp.ca_file", Kind::path, "", "certificates to trust instead of the system's"},
    {"smtp.allow_private_hosts", Kind::choice, "auto",
     "servers at private addresses; auto: this machine's own, where the API is open to this machine only",
     "auto|no|loopback|yes"},
    {"smtp.ehlo_name", Kind::text, "", "name in EHLO; empty: the machine's own"},

    {"tracking.skip_hosts", Kind::list, "", "links to these hosts, and to names below them, are left as they are"},
    {"tracking.spool", Kind::path, "", "where hits of tracking links wait for the bus; beside the master key"},

    {"janitor.interval", Kind::duration, "10s", "between two rounds of the sweepers"},
    {"janitor.queued_after", Kind::duration, "10m", "a queued email that nobody claimed is scheduled again"},
    {"janitor.failed_after", Kind::duration, "10m", "a failed email whose retry was lost gets it"},
    {"janitor.stranded_after", Kind::duration, "10m", "a person whose follow-up was lost gets it"},
    {"janitor.keep", Kind::duration, "90d", "how long events, outbox and inbox are kept"},

    {"secrets.key_file", Kind::path, "", "master key of the stored credentials, made at the first start"},
};
// clang-format on

constexpr Setting property{kafka_property_prefix, Kind::text, "", "librdkafka's own"};
constexpr Setting secret_property{kafka_property_prefix, Kind::secret, "", "librdkafka's own"};

bool is_secret(std::string_view key) {
    constexpr std::string_view words[] = {"password", "secret", ".pem", "oauthbearer.config"};
    return std::ranges::any_of(words, [&](auto word) { return key.find(word) != key.npos; });
}

bool is_word_of(std::string_view word, std::string_view list, char separator) {
    while (true) {
        const auto end = std::min(list.find(separator), list.size());
        if (list.substr(0, end) == word) return true;
        if (end == list.size()) return false;
        list.remove_prefix(end + 1);
    }
}

std::string problem_of_number(const Setting& setting, std::string_view text) {
    long number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = error == std::errc{} && end == text.data() + text.size();
    if (is_number && number >= setting.min && number <= setting.max) return {};
    return "must be a whole number from " + std::to_string(setting.min) + " to " + std::to_string(setting.max);
}

std::string problem_of_duration(std::string_view text) {
    const auto length = parse_duration(text);
    if (length && *length > Duration{0}) return {};
    if (length) return "must be above zero";
    if (!text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos)
        return "needs a unit: ms, s, m, h or d";
    return "must be a number and a unit (ms, s, m, h, d), such as 5m";
}

}  // namespace

std::span<const Setting> settings() { return table; }

const Setting* find_setting(std::string_view key) {
    if (key.starts_with(kafka_property_prefix)) return is_secret(key) ? &secret_property : &property;
    const auto found = std::ranges::find(table, key, &Setting::key);
    return found == std::end(table) ? nullptr : &*found;
}

std::string environment_name(std::string_view key) {
    std::string name = "SEQUITUR_";
    for (const char c : key) {
        if (c == '.')
            name += "__";
        else
            name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return name;
}

std::optional<std::string> key_of_environment(std::string_view name) {
    for (const auto& setting : table)
        if (environment_name(setting.key) == name) return std::string{setting.key};
    const auto family = environment_name(kafka_property_prefix);
    if (!name.starts_with(family) || name.size() == family.size()) return std::nullopt;
    std::string key{kafka_property_prefix};
    for (std::size_t i = family.size(); i < name.size(); ++i) {
        const bool is_dot = name[i] == '_' && i + 1 < name.size() && name[i + 1] == '_';
        const char c = name[i];
        key += is_dot ? '.' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if (is_dot) ++i;
    }
    return key;
}

std::string suggestion_for(std::string_view key) {
    std::vector<std::string_view> keys;
    for (const auto& setting : table) keys.push_back(setting.key);
    const auto found = nearest(key, keys);
    return found.empty() ? "" : "; did you mean " + std::string{found} + "?";
}

std::string problem_of(const Setting& setting, std::string_view text) {
    switch (setting.kind) {
        case Kind::text:
        case Kind::secret:
        case Kind::path:
        case Kind::list: return {};
        case Kind::duration: return problem_of_duration(text);
        case Kind::number: return problem_of_number(setting, text);
        case Kind::choice:
            if (is_word_of(text, setting.choices, '|')) return {};
            return "must be one of " + std::string{setting.choices};
    }
    return {};
}

}  // namespace sequitur::app
