#include "http/connection.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "base/log.hpp"
#include "http/problem.hpp"
#include "http/refusals.hpp"

namespace sequitur::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Parser = beast::http::request_parser<beast::http::string_body>;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// A client that is still sending must be read for a moment after a refusal, or the reset that its
// bytes provoke takes the answer away from it (RFC 9112 §9.6).
constexpr auto linger = std::chrono::seconds{2};
constexpr std::size_t buffer_bytes_max = 64 * 1024;
constexpr std::size_t read_bytes = 16 * 1024;

std::optional<Refusal> refusal_of(ErrorCode code, const Parser& parser) {
    using beast::http::error;
    if (code == error::end_of_stream) return std::nullopt;
    if (code == error::body_limit) return Refusal::body_too_large;
    if (code == error::header_limit || code == error::buffer_overflow)
        return parser.get().target().empty() ? Refusal::start_line_too_long : Refusal::headers_too_large;
    if (code.category() == beast::http::make_error_code(error::bad_method).category()) return Refusal::malformed;
    return std::nullopt;
}

void take_head(const Parser& parser, Request& request) {
    const auto& message = parser.get();
    request.method = std::string{message.method_string()};
    for (const auto& field : message) {
        std::string name{field.name_string()};
        std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        request.headers.emplace_back(std::move(name), std::string{field.value()});
    }
}

class ConnectionLoop final : public Connection, public std::enable_shared_from_this<ConnectionLoop> {
public:
    ConnectionLoop(tcp::socket socket, ConnectionShared& shared) : socket_(std::move(socket)), shared_(shared) {
        const auto peer = socket_.remote_endpoint(ignored_);
        if (!ignored_) peer_ = peer.address().to_string();
    }

    asio::awaitable<void> run() {
        for (bool goes_on = true; goes_on;) {
            goes_on = co_await request_begins();
            if (goes_on) goes_on = co_await exchange();
        }
        disarm();
    }

    void drain() override {
        if (waits_for_request_) socket_.cancel(ignored_);
    }
    void close() override { socket_.close(ignored_); }

private:
    /// Waits for the first byte of the next request; false when the connection is over.
    asio::awaitable<bool> request_begins() {
        if (shared_.draining) co_return false;
        if (buffer_.size() > 0) co_return true;
        waits_for_request_ = true;
        arm(shared_.config.idle_timeout);
        auto read = co_await socket_.async_read_some(buffer_.prepare(read_bytes), as_result);
        disarm();
        waits_for_request_ = false;
        buffer_.commit(std::get<1>(read));
        co_return !std::get<0>(read);
    }

    /// One request and its answer; false when the connection must end.
    asio::awaitable<bool> exchange() {
        Parser parser;
        parser.header_limit(static_cast<std::uint32_t>(shared_.config.header_bytes_max));
        parser.body_limit(shared_.config.body_bytes_max);
        Request request;
        request.id = Uuid::v7(shared_.clock.now()).text();
        request.peer = peer_;

        auto refusal = co_await read_head(parser, request);
        const auto begun = shared_.clock.steady_now();
        if (!refusal && !peer_is_gone_ && !parser.is_done()) refusal = co_await read_body(parser, request);
        if (peer_is_gone_) co_return false;

        Response response;
        if (refusal) {
            response = refused(request, *refusal);
        } else {
            request.body = std::move(parser.get().body());
            auto answered = answer_to(request);
            response = co_await std::move(answered);
        }
        const bool keep_alive = !refusal && parser.keep_alive() && !shared_.draining;
        const bool written = co_await write(request, response, keep_alive, parser.get().version() == 10);
        observe(request, response, shared_.clock.steady_now() - begun);
        if (refusal && written) co_await discard_rest();
        co_return keep_alive&& written;
    }

    asio::awaitable<std::optional<Refusal>> read_head(Parser& parser, Request& request) {
        arm(shared_.config.header_timeout);
        auto read = co_await beast::http::async_read_header(socket_, buffer_, parser, as_result);
        disarm();
        take_head(parser, request);
        const auto refusal = judged(std::get<0>(read), parser);
        if (refusal || peer_is_gone_) co_return refusal;
        take_request_id(request);
        const auto target = std::string{parser.get().target()};
        if (!set_target(request, target)) co_return Refusal::malformed;
        co_return refusal_of_head(request, parser.get().version() == 10);
    }

    asio::awaitable<std::optional<Refusal>> read_body(Parser& parser, const Request& request) {
        arm(shared_.config.body_timeout);
        if (request.header("expect") && parser.get().version() != 10) {
            constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            auto sent = co_await asio::async_write(socket_, asio::buffer(go_on), as_result);
            if (std::get<0>(sent)) peer_is_gone_ = true;
        }
        auto read = co_await beast::http::async_read(socket_, buffer_, parser, as_result);
        disarm();
        co_return judged(std::get<0>(read), parser);
    }

    /// What a read's error is to the client; sets peer_is_gone_ where there is nobody to tell.
    std::optional<Refusal> judged(ErrorCode error, const Parser& parser) {
        if (!error) return std::nullopt;
        if (timed_out_) return Refusal::too_slow;
        const auto refusal = refusal_of(error, parser);
        if (!refusal) peer_is_gone_ = true;
        return refusal;
    }

    /// Not a coroutine: starts the handler and returns what to wait for.
    asio::awaitable<Response> answer_to(Request& request) {
        auto start = [this, &request](auto done) {
            const auto match = shared_.router.match(request);
            const auto* route = std::get_if<const Route*>(&match);
            if (!route || (*route)->runs == Runs::at_once) return finish(std::move(done), answer(match, request));
            if ((*route)->runs == Runs::late) return start_late(std::move(done), **route, request);
            if (shared_.requests_in_hand >= shared_.config.threads + shared_.config.queue_max) {
                auto response = busy(request, "More requests are waiting than can be worked on.");
                response.route = (*route)->pattern;
                return finish(std::move(done), std::move(response));
            }
            ++shared_.requests_in_hand;
            asio::post(shared_.pool, [this, &request, match, done = std::move(done)]() mutable {
                auto response = answer(match, request);
                asio::post(shared_.io, [this, done = std::move(done), response = std::move(response)]() mutable {
                    --shared_.requests_in_hand;
                    std::move(done)(std::exception_ptr{}, std::move(response));
                });
            });
        };
        return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, Response)>(
            std::move(start), asio::use_awaitable);
    }

    void finish(auto done, Response response) {
        asio::post(shared_.io, [done = std::move(done), response = std::move(response)]() mutable {
            std::move(done)(std::exception_ptr{}, std::move(response));
        });
    }

    void start_late(auto done, const Route& route, const Request& request) {
        // Copyable, as a std::function must be.
        auto kept = std::make_shared<decltype(done)>(std::move(done));
        answer_late(route, request, [this, kept](Response response) { finish(std::move(*kept), std::move(response)); });
    }

    asio::awaitable<bool> write(const Request& request, const Response& response, bool keep_alive, bool http_1_0) {
        WireOptions options;
        options.body = request.method != "HEAD";
        options.keep_alive = keep_alive;
        options.http_1_0 = http_1_0;
        options.request_id = request.id;
        options.now = shared_.clock.now();
        const auto bytes = wire_bytes(response, options);
        arm(shared_.config.write_timeout);
        auto written = co_await asio::async_write(socket_, asio::buffer(bytes), as_result);
        disarm();
        co_return !std::get<0>(written);
    }

    asio::awaitable<void> discard_rest() {
        socket_.shutdown(tcp::socket::shutdown_send, ignored_);
        buffer_.clear();
        arm(linger);
        for (bool more = true; more;) {
            auto read = co_await socket_.async_read_some(buffer_.prepare(read_bytes), as_result);
            more = !std::get<0>(read);
        }
        disarm();
    }

    void observe(const Request& request, const Response& response, std::chrono::nanoseconds took) {
        const auto route = response.route.empty() ? std::string{"none"} : response.route;
        const double seconds = std::chrono::duration<double>(took).count();
        shared_.durations.with({metric_method(request.method), route, std::to_string(response.status)})
            .observe(seconds);
        if (!log::is_enabled(log::Level::debug)) return;
        log::debug("answered", {{"request_id", request.id},
                                {"method", request.method},
                                {"route", route},
                                {"status", response.status},
                                {"duration_ms", seconds * 1'000}});
    }

    /// Cancels what the socket waits for after `length`. A timer of ours: Beast's own closes the
    /// socket, and nobody could be told 408.
    void arm(Duration length) {
        timed_out_ = false;
        timer_.expires_after(length);
        timer_.async_wait([self = shared_from_this(), round = ++round_](ErrorCode error) {
            if (error || round != self->round_) return;
            self->timed_out_ = true;
            self->socket_.cancel(self->ignored_);
        });
    }
    void disarm() {
        ++round_;
        timer_.cancel();
    }

    tcp::socket socket_;
    ConnectionShared& shared_;
    std::string peer_;
    beast::flat_buffer buffer_{buffer_bytes_max};
    asio::steady_timer timer_{socket_.get_executor()};
    std::uint64_t round_ = 0;  // tells a timer that was due when it was disarmed
    bool timed_out_ = false;
    bool peer_is_gone_ = false;
    bool waits_for_request_ = false;
    ErrorCode ignored_;
};

asio::awaitable<void> keep(std::shared_ptr<ConnectionLoop> loop) { co_await loop->run(); }

}  // namespace

std::shared_ptr<Connection> serve(tcp::socket socket, ConnectionShared& shared, std::function<void()> ended) {
    auto loop = std::make_shared<ConnectionLoop>(std::move(socket), shared);
    asio::co_spawn(shared.io, keep(loop), [ended = std::move(ended)](const std::exception_ptr& failure) {
        ended();
        if (failure) std::rethrow_exception(failure);
    });
    return loop;
}

}  // namespace sequitur::http
