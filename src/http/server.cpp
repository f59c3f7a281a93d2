#include "http/server.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "base/log.hpp"
#include "http/connection.hpp"

namespace sequitur::http {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

// After the system refused a connection (no more file descriptors): long enough for one to end.
constexpr auto accept_pause = std::chrono::milliseconds{100};

constexpr std::string_view full_answer = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\n"
                                         "Content-Length: 0\r\nConnection: close\r\n\r\n";

tcp::endpoint endpoint_of(asio::io_context& io, const std::string& listen) {
    const auto colon = listen.rfind(':');
    if (colon == std::string::npos) throw std::runtime_error("http.listen '" + listen + "' is not HOST:PORT");
    auto host = listen.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    tcp::resolver resolver{io};
    return *resolver.resolve(host, listen.substr(colon + 1), tcp::resolver::passive).begin();
}

void must(bool holds, const char* what) {
    if (!holds) throw std::invalid_argument(what);
}

}  // namespace

void ServerConfig::check() const {
    must(threads >= 1 && threads <= 1'000, "http.threads must be from 1 to 1000");
    must(queue_max >= 0, "http.queue_max must not be negative");
    must(connections_max >= 1, "http.connections_max must be above zero");
    must(header_bytes_max >= 1'024, "http.header_bytes_max must be at least 1024");
    must(body_bytes_max >= 1, "http.body_bytes_max must be above zero");
    must(header_timeout.count() > 0, "http.header_timeout must be above zero");
    must(body_timeout.count() > 0, "http.body_timeout must be above zero");
    must(write_timeout.count() > 0, "http.write_timeout must be above zero");
    must(idle_timeout.count() > 0, "http.idle_timeout must be above zero");
    must(drain_timeout.count() > 0, "http.drain_timeout must be above zero");
}

struct Server::Running {
    Running(const ServerConfig& c, const Router& router, const Clock& clock, metrics::Registry& metrics)
        : config(c),
          shared{config,
                 router,
                 clock,
                 metrics.histogram("sequitur_http_request_duration_seconds",
                                   "From the last byte of a request's headers to the answer's last byte.",
                                   {"method", "route", "code"}),
                 io,
                 pool} {
        try {
            acceptor = tcp::acceptor{io, endpoint_of(io, config.listen)};
        } catch (const boost::system::system_error& error) {
            throw std::runtime_error("can not listen on " + config.listen + ": " + error.code().message());
        }
        port = acceptor.local_endpoint().port();
        accept();
        thread = std::jthread{[this] { io.run(); }};
    }

    void accept() {
        acceptor.async_accept([this](boost::system::error_code error, tcp::socket socket) {
            if (!acceptor.is_open()) return;
            if (!error) {
                take(std::move(socket));
                return accept();
            }
            log::warn("connection not accepted", {{"reason", error.message()}});
            pause.expires_after(accept_pause);
            pause.async_wait([this](boost::system::error_code) {
                if (acceptor.is_open()) accept();
            });
        });
    }

    void take(tcp::socket socket) {
        boost::system::error_code ignored;
        if (connections.size() >= static_cast<std::size_t>(config.connections_max)) {
            socket.non_blocking(true, ignored);
            socket.write_some(asio::buffer(full_answer), ignored);
            return;
        }
        socket.set_option(tcp::no_delay{true}, ignored);
        const auto place = connections.emplace(connections.end());
        *place = serve(std::move(socket), shared, [this, place] {
            connections.erase(place);
            if (shared.draining && connections.empty()) all_closed();
        });
    }

    void begin_drain() {
        shared.draining = true;
        boost::system::error_code ignored;
        acceptor.close(ignored);
        pause.cancel();
        for (const auto& weak : connections)
            if (const auto connection = weak.lock()) connection->drain();
        if (connections.empty()) return all_closed();
        deadline.expires_after(config.drain_timeout);
        deadline.async_wait([this](boost::system::error_code error) {
            if (error) return;
            for (const auto& weak : connections)
                if (const auto connection = weak.lock()) connection->close();
        });
    }

    void all_closed() {
        deadline.cancel();
        work.reset();
    }

    ServerConfig config;
    std::list<std::weak_ptr<Connection>> connections;  // of the I/O thread; before io: destroyed after it
    asio::io_context io{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
    asio::thread_pool pool{static_cast<std::size_t>(config.threads)};
    ConnectionShared shared;
    tcp::acceptor acceptor{io};
    asio::steady_timer pause{io};
    asio::steady_timer deadline{io};
    int port = 0;
    std::jthread thread;  // last: it uses all of the above
};

Server::Server(const ServerConfig& config, const Router& router, const Clock& clock, metrics::Registry& metrics) {
    config.check();
    running_ = std::make_unique<Running>(config, router, clock, metrics);
}

Server::~Server() { stop(); }

int Server::port() const { return running_->port; }

void Server::stop() {
    if (!running_->thread.joinable()) return;
    asio::post(running_->io, [running = running_.get()] { running->begin_drain(); });
    running_->thread.join();
    running_->pool.join();
}

}  // namespace sequitur::http
