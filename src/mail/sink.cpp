#include "mail/sink.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unordered_set>

#include "base/log.hpp"
#include "domain/messages.hpp"
#include "mail/sink_ledger.hpp"
#include "mail/sink_session.hpp"
#include "mail/tls.hpp"

namespace sequitur::mail {

using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

std::string ledger_line(const SinkMail& mail) {
    using log::json_quote;
    return "{\"at\":" + json_quote(domain::rfc3339(mail.at)) + ",\"message_id\":" + json_quote(mail.message_id) +
           ",\"sha256\":" + json_quote(mail.sha256) + ",\"from\":" + json_quote(mail.from) +
           ",\"to\":" + json_quote(mail.to) + ",\"reply\":" + json_quote(mail.reply) + "}";
}

/// Whoever reads the ledger finds it.
void keep(const SinkMail& mail, const std::string& folder) {
    std::ofstream file{std::filesystem::path{folder} / (mail.sha256 + ".eml"), std::ios::binary};
    file.write(mail.message.data(), static_cast<std::streamsize>(mail.message.size()));
    if (!file.flush()) log::error("a mail can not be kept", {{"folder", folder}, {"sha256", mail.sha256}});
}

}  // namespace

// Everything but `seen` lives on the one thread that runs `io`.
struct Sink::Server {
    class Client;

    Server(SinkOptions options_given, const Clock& clock_given);
    ~Server();
    void accept();
    void record(const std::shared_ptr<Client>& client, SinkMail mail);
    void recorded(const std::shared_ptr<Client>& client, SinkMail mail, bool written);

    struct Seen {
        SinkCounters counters;
        std::vector<SinkMail> mails;
    };

    SinkOptions options;
    const Clock& clock;
    SinkScripts scripts;
    std::unique_ptr<TlsContext> tls;
    mutable std::mutex mutex;
    mutable std::condition_variable changed;
    Seen seen;
    boost::asio::io_context io{1};
    tcp::acceptor acceptor{io};
    std::unordered_set<std::shared_ptr<Client>> clients;
    std::unique_ptr<SinkLedger> ledger;
    std::thread thread;
};

class Sink::Server::Client : public std::enable_shared_from_this<Client> {
public:
    Client(Server& server, tcp::socket socket)
        : server_(server), socket_(std::move(socket)), session_(server.options, server.scripts) {}

    void start() {
        error_code ignored;
        socket_.non_blocking(true, ignored);
        socket_.set_option(tcp::no_delay{true}, ignored);
        if (server_.options.tls == SinkOptions::Tls::implicit)
            start_tls();
        else
            session_.greet();
        pump();
    }

    void reset() {
        error_code ignored;
        socket_.set_option(boost::asio::socket_base::linger{true, 0}, ignored);
        close();
    }

    void close() {
        if (is_closed_) return;
        is_closed_ = true;
        error_code ignored;
        socket_.close(ignored);
        const std::scoped_lock lock{server_.mutex};
        --server_.seen.counters.open;
    }

    void recorded(bool written) {
        if (is_closed_) return;
        session_.recorded(written);
        pump();
    }

private:
    void start_tls() {
        tls_ = std::make_unique<TlsStream>(*server_.tls, "");
        is_handshaking_ = true;
    }

    void pump() {
        const auto self = shared_from_this();
        if (const auto refused = session_.take_refused(); refused > 0) {
            const std::scoped_lock lock{server_.mutex};
            server_.seen.counters.refused += refused;
        }
        auto plain = session_.take_output();
        if (tls_ && !plain.empty()) tls_->write(plain);
        output_ += tls_ ? tls_->take_output() : plain;
        flush();
        if (is_closed_) return;
        if (auto mail = session_.take_mail()) server_.record(self, std::move(*mail));
        if (output_.empty() && session_.wants_close()) return leave();
        if (output_.empty() && session_.wants_tls() && !is_handshaking_) start_tls();
        if (!output_.empty()) wait_to_write();
        wait_to_read();
    }

    void leave() {
        close();
        server_.clients.erase(shared_from_this());
    }

    void flush() {
        while (!output_.empty()) {
            error_code error;
            const auto count = socket_.write_some(boost::asio::buffer(output_), error);
            if (error == boost::asio::error::would_block) return;
            if (error) return leave();
            output_.erase(0, count);
        }
        output_ = {};
    }

    void wait_to_write() {
        if (std::exchange(writing_, true)) return;
        socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](const error_code& error) {
            self->writing_ = false;
            if (!error && !self->is_closed_) self->pump();
        });
    }

    void wait_to_read() {
        if (std::exchange(reading_, true)) return;
        socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
            self->reading_ = false;
            if (!error && !self->is_closed_ && self->read_available()) self->pump();
        });
    }

    // False when the client is gone.
    bool read_available() {
        thread_local std::array<char, 64 * 1024> buffer;
        while (!is_closed_) {
            error_code error;
            const auto count = socket_.read_some(boost::asio::buffer(buffer), error);
            if (error == boost::asio::error::would_block) return true;
            if (error || !take({buffer.data(), count})) {
                leave();
                return false;
            }
            if (count < buffer.size()) return true;
        }
        return false;
    }

    bool take(std::string_view bytes) {
        if (!tls_) {
            session_.received(bytes);
            return true;
        }
        tls_->feed(bytes);
        if (is_handshaking_) {
            const auto state = tls_->handshake();
            output_ += tls_->take_output();
            if (state == TlsStream::State::failed) flush();
            if (state != TlsStream::State::ready) return state == TlsStream::State::wants_more && !is_closed_;
            is_handshaking_ = false;
            session_.tls_started();
            if (server_.options.tls == SinkOptions::Tls::implicit) session_.greet();
        }
        std::string plain;
        const auto state = tls_->read(plain);
        if (!plain.empty()) session_.received(plain);
        return state == TlsStream::State::wants_more;
    }

    Server& server_;
    tcp::socket socket_;
    SinkSession session_;
    std::unique_ptr<TlsStream> tls_;
    std::string output_;
    bool is_handshaking_ = false;
    bool is_closed_ = false;
    bool reading_ = false;
    bool writing_ = false;
};

Sink::Server::Server(SinkOptions options_given, const Clock& clock_given)
    : options(std::move(options_given)), clock(clock_given) {
    if (options.tls != SinkOptions::Tls::none) tls = TlsContext::server(options.certificate_file, options.key_file);
    const tcp::endpoint endpoint{
        boost::asio::ip::make_address(options.host == "localhost" ? "127.0.0.1" : options.host),
        static_cast<unsigned short>(options.port)};
    acceptor.open(endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address{true});
    acceptor.bind(endpoint);
    acceptor.listen();
    if (!options.mails_folder.empty()) std::filesystem::create_directories(options.mails_folder);
    if (!options.ledger_file.empty())
        ledger = std::make_unique<SinkLedger>(
            options.ledger_file, [this](std::function<void()> answers) { boost::asio::post(io, std::move(answers)); });
    accept();
    thread = std::thread{[this] { io.run(); }};
}

Sink::Server::~Server() {
    boost::asio::post(io, [this] {
        error_code ignored;
        acceptor.close(ignored);
        for (const auto& client : clients) client->close();
        io.stop();
    });
    thread.join();
    ledger.reset();
}

void Sink::Server::accept() {
    acceptor.async_accept([this](const error_code& error, tcp::socket socket) {
        if (error == boost::asio::error::operation_aborted) return;
        if (!error) {
            const auto client = std::make_shared<Client>(*this, std::move(socket));
            clients.insert(client);
            {
                const std::scoped_lock lock{mutex};
                ++seen.counters.connections;
                ++seen.counters.open;
            }
            changed.notify_all();
            client->start();
        }
        accept();
    });
}

void Sink::Server::record(const std::shared_ptr<Client>& client, SinkMail mail) {
    mail.at = clock.now();
    if (!options.mails_folder.empty()) keep(mail, options.mails_folder);
    if (!ledger) {
        boost::asio::post(
            io, [this, client, mail = std::move(mail)]() mutable { recorded(client, std::move(mail), true); });
        return;
    }
    auto line = ledger_line(mail);
    ledger->append(std::move(line),
                   [this, client, mail = std::move(mail)](bool written) { recorded(client, mail, written); });
}

void Sink::Server::recorded(const std::shared_ptr<Client>& client, SinkMail mail, bool written) {
    if (written) {
        const std::scoped_lock lock{mutex};
        ++seen.counters.accepted;
        if (options.keep_mails) seen.mails.push_back(std::move(mail));
    }
    changed.notify_all();
    client->recorded(written);
}

Sink::Sink(SinkOptions options, const Clock& clock) : server_(std::make_unique<Server>(std::move(options), clock)) {}

Sink::~Sink() = default;

int Sink::port() const { return server_->acceptor.local_endpoint().port(); }

SinkCounters Sink::counters() const {
    const std::scoped_lock lock{server_->mutex};
    return server_->seen.counters;
}

std::vector<SinkMail> Sink::mails() const {
    const std::scoped_lock lock{server_->mutex};
    return server_->seen.mails;
}

bool Sink::wait_for_mails(std::uint64_t count, Duration longest) const {
    std::unique_lock lock{server_->mutex};
    return server_->changed.wait_for(lock, longest, [&] { return server_->seen.counters.accepted >= count; });
}

void Sink::hang_up() {
    boost::asio::post(server_->io, [server = server_.get()] {
        for (const auto& client : std::exchange(server->clients, {})) client->close();
    });
}

void Sink::reset() {
    std::promise<void> done;
    boost::asio::post(server_->io, [&] {
        for (const auto& client : std::exchange(server_->clients, {})) client->reset();
        done.set_value();
    });
    done.get_future().wait();
}

}  // namespace sequitur::mail
