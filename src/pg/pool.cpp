#include "pg/pool.hpp"

namespace sequitur::pg {

namespace {
constexpr std::chrono::seconds wait_max{5};
}

Pool::Pool(std::string url, int connections_max, std::vector<std::string> settings)
    : url_(std::move(url)), settings_(std::move(settings)), connections_max_(connections_max) {}

Pool::Lease Pool::lease() {
    const auto deadline = std::chrono::steady_clock::now() + wait_max;
    std::unique_lock lock{mutex_};
    while (true) {
        if (!freed_.wait_until(lock, deadline, [&] { return !idle_.empty() || connections_ < connections_max_; }))
            throw Error{"no free database connection within 5 s"};
        if (idle_.empty()) break;
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        if (connection->healthy()) return {*this, std::move(connection)};
        --connections_;
    }
    ++connections_;
    lock.unlock();
    try {
        return {*this, std::make_unique<Connection>(url_, settings_)};
    } catch (const Error&) {
        forget_one();
        throw;
    }
}

void Pool::take_back(std::unique_ptr<Connection> connection) {
    if (!connection->healthy() || connection->in_transaction()) {
        connection.reset();
        return forget_one();
    }
    const std::scoped_lock lock{mutex_};
    idle_.push_back(std::move(connection));
    freed_.notify_one();
}

void Pool::forget_one() {
    const std::scoped_lock lock{mutex_};
    --connections_;
    freed_.notify_one();
}

}  // namespace sequitur::pg
