// One connection: request after request (pipelined ones too) until either side has enough.
//
// Everything here runs on the server's one I/O thread, except the handlers. connection.cpp and
// beast_impl.cpp are the only files that know Beast, and the loop is the only coroutine of the
// program: g++ 12.2 miscompiles common coroutine shapes, so what is awaited is named, and no loop or
// branch awaits in its condition.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>

#include "http/server.hpp"

namespace sequitur::http {

/// What all connections share; owned by the server, outlives them.
struct ConnectionShared {
    const ServerConfig& config;
    const Router& router;
    const Clock& clock;
    metrics::Family<metrics::Histogram>& durations;
    boost::asio::io_context& io;
    boost::asio::thread_pool& pool;
    int requests_in_hand = 0;  ///< running or waiting for a thread
    bool draining = false;
};

class Connection {
public:
    virtual ~Connection() = default;
    /// Closes it if it waits for a request, else lets it finish.
    virtual void drain() = 0;
    /// Closes it now.
    virtual void close() = 0;
};

/// Serves `socket`; `ended` is called once when it is over. Keep the pointer weakly.
std::shared_ptr<Connection> serve(boost::asio::ip::tcp::socket socket, ConnectionShared& shared,
                                  std::function<void()> ended);

}  // namespace sequitur::http
