// A client for tests that sends exactly the bytes it is given, whole or in pieces.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace sequitur::http {

class RawClient {
public:
    explicit RawClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("can not connect");
    }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;
    ~RawClient() { ::close(socket_); }

    /// False when the server does not take any more.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void end_sending() { ::shutdown(socket_, SHUT_WR); }

    /// Everything until the server closes.
    std::string rest() {
        while (receive()) {}
        return std::exchange(received_, {});
    }
    /// Up to and with `end`; shorter if the server closes before.
    std::string until(std::string_view end) {
        while (received_.find(end) == std::string::npos && receive()) {}
        const auto at = received_.find(end);
        const auto size = at == std::string::npos ? received_.size() : at + end.size();
        std::string out = received_.substr(0, size);
        received_.erase(0, size);
        return out;
    }
    /// One answer with Content-Length, headers and body.
    std::string answer() {
        auto out = until("\r\n\r\n");
        const auto at = out.find("Content-Length: ");
        if (at == std::string::npos) return out;
        const auto size = std::stoul(out.substr(at + 16));
        while (received_.size() < size && receive()) {}
        out += received_.substr(0, size);
        received_.erase(0, size);
        return out;
    }

private:
    bool receive() {
        std::array<char, 16'384> bytes{};
        const auto got = ::recv(socket_, bytes.data(), bytes.size(), 0);
        if (got <= 0) return false;
        received_.append(bytes.data(), static_cast<std::size_t>(got));
        return true;
    }

    int socket_;
    std::string received_;
};

}  // namespace sequitur::http
