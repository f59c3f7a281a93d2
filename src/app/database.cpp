#include "app/database.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/doorbell.hpp"
#include "base/duration.hpp"
#include "base/log.hpp"
#include "domain/ports/message_bus.hpp"
#include "pg/error.hpp"
#include "store/migrator.hpp"

namespace sequitur::app {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// The first line of what went wrong; nullopt when nothing did.
std::optional<std::string> failure_of(const std::function<void()>& work) {
    const auto first_line = [](const std::string& text) { return text.substr(0, text.find('\n')); };
    try {
        work();
        return std::nullopt;
    } catch (const pg::Error& error) { return first_line(error.what()); } catch (const domain::BusError& error) {
        return first_line(error.what());
    }
}

}  // namespace

void retry_until_there(Duration longest, const std::stop_token& stop, const std::function<void()>& work) {
    const SystemClock clock;
    const auto start = clock.steady_now();
    std::optional<Duration> said_at;
    Doorbell nobody;
    while (const auto why = failure_of(work)) {
        const auto waited = std::chrono::duration_cast<Duration>(clock.steady_now() - start);
        if (waited >= longest || stop.stop_requested())
            throw std::runtime_error("no database after " + duration_text(std::chrono::floor<seconds>(waited)) + ": " +
                                     *why + " (settings database.url, startup.wait)");
        if (!said_at || waited - *said_at >= seconds{5}) {
            said_at = waited;
            log::warn("waiting for the database",
                      {{"why", *why}, {"seconds_left", std::chrono::ceil<seconds>(longest - waited).count()}});
        }
        nobody.wait(std::clamp<Duration>(longest - waited, milliseconds{1}, milliseconds{500}), stop);
    }
}

pg::Connection wait_for_database(const std::string& url, Duration longest, const std::stop_token& stop) {
    std::optional<pg::Connection> connection;
    retry_until_there(longest, stop, [&] { connection.emplace(url); });
    return std::move(*connection);
}

void require_schema(pg::Connection& connection) {
    const auto all = store::Migrator{connection}.status();
    const auto pending = std::ranges::count_if(all, [](const auto& migration) { return !migration.applied_at; });
    if (pending > 0)
        throw std::runtime_error("the database's schema lacks " + std::to_string(pending) + " of " +
                                 std::to_string(all.size()) + " migrations: run `sequitur migrate up`");
}

}  // namespace sequitur::app
