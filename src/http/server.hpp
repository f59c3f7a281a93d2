// The HTTP server: reads requests within limits, runs handlers on a bounded pool, writes answers.
//
// One thread does all reading and writing; handlers are plain functions that may block, on threads
// of their own. Whatever a client sends or leaves out costs bounded memory and bounded time:
//   body too large 413 · headers too large 431 · start line too long 414 · too slow 408 ·
//   handlers and queue full 503 · malformed or ambiguous framing 400 · encoded body 415
// Left out on purpose: TLS (a proxy's task), HTTP/2, compression.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "http/router.hpp"

namespace sequitur::http {

struct ServerConfig {
    std::string listen = "127.0.0.1:8080";  ///< port 0: any free one
    int threads = 8;
    int queue_max = 256;  ///< requests that wait for a thread
    int connections_max = 4'096;
    std::size_t header_bytes_max = 16 * 1024;
    std::size_t body_bytes_max = 10 * 1024 * 1024;
    Duration header_timeout = std::chrono::seconds{30};  ///< from the first byte to the last of the headers
    Duration body_timeout = std::chrono::seconds{30};
    Duration write_timeout = std::chrono::seconds{30};
    Duration idle_timeout = std::chrono::seconds{75};   ///< between requests of a connection
    Duration drain_timeout = std::chrono::seconds{30};  ///< for requests that are not whole when stop() is called

    /// Throws std::invalid_argument naming the setting.
    void check() const;
};

/// Runs from construction to destruction. The references must outlive it.
class Server {
public:
    /// Throws std::runtime_error when it can not listen there.
    Server(const ServerConfig& config, const Router& router, const Clock& clock, metrics::Registry& metrics);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    int port() const;

    /// Stops accepting, answers what was asked, closes; returns when all is closed. Repeatable.
    void stop();

private:
    struct Running;
    std::unique_ptr<Running> running_;
};

}  // namespace sequitur::http
