#include "pg/listener.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "base/log.hpp"
#include "pg/connection.hpp"

namespace sequitur::pg {

namespace {
constexpr int back_off_first_ms = 100;
constexpr int back_off_max_ms = 5000;
}  // namespace

Listener::Listener(std::string url, std::vector<std::string> channels, Callback callback)
    : url_(std::move(url)),
      channels_(std::move(channels)),
      callback_(std::move(callback)),
      stop_event_(::eventfd(0, EFD_CLOEXEC)) {
    if (stop_event_ < 0) throw std::system_error{errno, std::generic_category(), "eventfd"};
    thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

Listener::~Listener() {
    thread_.request_stop();
    ::eventfd_write(stop_event_, 1);
    thread_.join();
    ::close(stop_event_);
}

void Listener::run(const std::stop_token& stop) {
    int back_off_ms = back_off_first_ms;
    while (!stop.stop_requested()) {
        try {
            Connection connection{url_};
            back_off_ms = back_off_first_ms;
            listen(connection, stop);
        } catch (const Error& error) {
            log::warn("listening interrupted", {{"error", error.what()}});
            sleep(back_off_ms);
            back_off_ms = std::min(2 * back_off_ms, back_off_max_ms);
        }
    }
}

void Listener::listen(Connection& connection, const std::stop_token& stop) {
    for (const auto& channel : channels_) connection.script("LISTEN \"" + channel + "\"");
    for (const auto& channel : channels_) callback_(channel, "");
    while (!stop.stop_requested()) {
        for (const auto& arrived : connection.notifications()) callback_(arrived.channel, arrived.payload);
        std::array<pollfd, 2> waiting{pollfd{.fd = connection.socket(), .events = POLLIN, .revents = 0},
                                      pollfd{.fd = stop_event_, .events = POLLIN, .revents = 0}};
        ::poll(waiting.data(), waiting.size(), -1);
    }
}

void Listener::sleep(int longest_ms) {
    pollfd waiting{.fd = stop_event_, .events = POLLIN, .revents = 0};
    ::poll(&waiting, 1, longest_ms);
}

}  // namespace sequitur::pg
