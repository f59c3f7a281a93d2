// A bounded number of connections that threads borrow. A connection that comes back broken or
// inside a transaction is dropped, never handed on.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pg/connection.hpp"

namespace sequitur::pg {

/// Thread-safe. Outlives its leases.
class Pool {
public:
    class Lease {
    public:
        Lease(Pool& pool, std::unique_ptr<Connection> connection) : pool_(&pool), connection_(std::move(connection)) {}
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (connection_) pool_->take_back(std::move(connection_));
        }
        Connection& operator*() const { return *connection_; }
        Connection* operator->() const { return connection_.get(); }

    private:
        Pool* pool_;
        std::unique_ptr<Connection> connection_;
    };

    Pool(std::string url, int connections_max, std::vector<std::string> settings = {});

    /// Waits for a free one up to 5 s; throws Error after that, or when the server can not be reached.
    Lease lease();

private:
    void take_back(std::unique_ptr<Connection> connection);
    void forget_one();

    const std::string url_;
    const std::vector<std::string> settings_;
    const int connections_max_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<Connection>> idle_;
    int connections_ = 0;  ///< idle and lent
};

}  // namespace sequitur::pg
