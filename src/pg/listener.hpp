// LISTEN on a connection of its own, for ever: reconnects with back-off.
//
// A notification is only a hint: those sent while the connection was down are lost. So the callback
// also runs once a channel, with an empty payload, after every connect: look again then.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sequitur::pg {

class Connection;

class Listener {
public:
    /// Called on the listener's thread; must not throw or block for long.
    using Callback = std::function<void(std::string_view channel, std::string_view payload)>;

    Listener(std::string url, std::vector<std::string> channels, Callback callback);
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    /// Returns when no callback runs any more.
    ~Listener();

private:
    void run(const std::stop_token& stop);
    void listen(Connection& connection, const std::stop_token& stop);
    void sleep(int longest_ms);

    std::string url_;
    std::vector<std::string> channels_;
    Callback callback_;
    int stop_event_;       ///< eventfd, readable once stop is asked for
    std::jthread thread_;  ///< last: its end comes before what it uses
};

}  // namespace sequitur::pg
