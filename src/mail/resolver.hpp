// Host names to addresses on a few threads of its own: getaddrinfo blocks, and one name server that
// does not answer must not hold up every other mailbox. Answers are kept for half a minute; a name
// that is being looked up is asked for once.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"

namespace sequitur::mail {

struct ResolveAnswer {
    std::vector<boost::asio::ip::address> addresses;
    std::string problem;           ///< set when there are none
    bool is_unknown_name = false;  ///< there is no such host, says its name server
};

/// Thread-safe.
class Resolver {
public:
    explicit Resolver(const Clock& clock) : clock_(clock) {}

    using Receiver = std::function<void(const ResolveAnswer&)>;
    /// `receiver` is called once, from any thread, possibly before this returns.
    void resolve(const std::string& host, Receiver receiver);
    /// Waits for what is being looked up.
    void stop();

private:
    struct Entry {
        ResolveAnswer answer;
        SteadyTime good_until{};
        std::vector<Receiver> receivers;  ///< not empty: being looked up
    };
    void look_up(const std::string& host);

    const Clock& clock_;
    Guarded<std::unordered_map<std::string, Entry>> entries_;
    boost::asio::thread_pool threads_{4};
};

}  // namespace sequitur::mail
