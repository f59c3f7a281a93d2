// A sink, a transport and somebody who grants permits, over loopback: for tests of the transport.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <mutex>

#include "mail/sink.hpp"
#include "mail/smtp_transport.hpp"

namespace sequitur::mail {

using domain::Abandoned;
using domain::Accepted;
using domain::Broken;
using domain::Delivery;
using domain::DeliveryKey;
using domain::Refused;
using domain::SmtpPhase;
using domain::TlsMode;

constexpr auto patience = std::chrono::seconds{20};

struct End {
    domain::SendOutcome outcome;
    bool dot_written = false;
    std::string sha256;
};

/// Grants every permit at once, unless told to keep the questions.
class Listener final : public domain::DeliveryListener {
public:
    enum class Permits { granted, kept };

    std::optional<std::string> message(const DeliveryKey& key) override {
        const std::scoped_lock lock{mutex_};
        if (at_message) at_message();
        ++written_;
        changed_.notify_all();
        return messages_.at(key);
    }
    void ready_for_dot(const DeliveryKey& key) override {
        const std::scoped_lock lock{mutex_};
        asked_.push_back(key);
        if (permits == Permits::granted) transport->proceed(key);
        changed_.notify_all();
    }
    void done(const DeliveryKey& key, const domain::SendOutcome& outcome, const domain::Written& written) override {
        const std::scoped_lock lock{mutex_};
        if (at_done) at_done();
        EXPECT_TRUE(ends_.emplace(key, End{outcome, written.dot, std::string{written.sha256}}).second) << "done twice";
        changed_.notify_all();
    }

    void keep(const DeliveryKey& key, std::optional<std::string> message) {
        const std::scoped_lock lock{mutex_};
        messages_.emplace(key, std::move(message));
    }
    End wait(const DeliveryKey& key) {
        std::unique_lock lock{mutex_};
        if (!changed_.wait_for(lock, patience, [&] { return ends_.contains(key); })) {
            ADD_FAILURE() << "a delivery has not ended";
            return {Abandoned{"test"}, false, {}};
        }
        return ends_.at(key);
    }
    bool wait_until_asked(std::size_t count) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, patience, [&] { return asked_.size() >= count; });
    }
    bool wait_until_written(std::size_t count) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, patience, [&] { return written_ >= count; });
    }
    std::size_t written() {
        const std::scoped_lock lock{mutex_};
        return written_;
    }
    std::size_t asked() {
        const std::scoped_lock lock{mutex_};
        return asked_.size();
    }

    Permits permits = Permits::granted;
    std::function<void()> at_message, at_done;  ///< on the transport's thread
    domain::MailTransport* transport = nullptr;

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<DeliveryKey> asked_;
    std::size_t written_ = 0;
    std::map<DeliveryKey, std::optional<std::string>> messages_;
    std::map<DeliveryKey, End> ends_;
};

inline SmtpOptions quick() {
    SmtpOptions options;
    options.tick = std::chrono::milliseconds{2};
    options.ehlo_name = "client.test";
    return options;
}

/// Holds the sink back until a test is ready for its answer.
class Gate {
public:
    void open() { opened_.set_value(); }
    void pass() { open_.wait(); }

private:
    std::promise<void> opened_;
    std::shared_future<void> open_ = opened_.get_future().share();
};

inline SinkOptions held_back(SinkPhase at, Gate& gate, SinkOptions options = {}) {
    options.answer = [at, &gate](SinkPhase phase, std::string_view) -> std::optional<SinkAct> {
        if (phase == at) gate.pass();
        return std::nullopt;
    };
    return options;
}

/// A sink, a transport and the person who grants permits.
struct Post {
    explicit Post(SinkOptions sink_options = {}, SmtpOptions options = quick())
        : sink(std::move(sink_options), clock), transport(std::move(options), listener, clock) {
        listener.transport = &transport;
    }

    std::shared_ptr<domain::SmtpAccount> account(const std::string& host = "127.0.0.1", TlsMode tls = TlsMode::none) {
        auto made = std::make_shared<domain::SmtpAccount>();
        made->mailbox = MailboxId::make(clock.now());
        made->version = 1;
        made->address = "me@y.test";
        made->host = host;
        made->port = sink.port();
        made->tls = tls;
        return made;
    }

    DeliveryKey start(const std::shared_ptr<domain::SmtpAccount>& from, const std::string& to,
                      const std::optional<std::string>& message = "Message-ID: <1@y>\r\n\r\nhi\r\n.\r\n",
                      Duration budget = std::chrono::seconds{60}) {
        Delivery delivery;
        delivery.key = {EmailId::make(clock.now()), 1, from->mailbox};
        delivery.account = from;
        delivery.to = to;
        delivery.dot_before = clock.steady_now() + budget;
        delivery.dot_timeout = std::chrono::seconds{10};
        const auto key = delivery.key;
        listener.keep(key, message);
        transport.start(std::move(delivery));
        return key;
    }
    /// Everything started before has reached its lane: this one comes after it and is taken back.
    void wait_until_started(const std::shared_ptr<domain::SmtpAccount>& from) {
        const auto marker = start(from, "marker@x.test");
        transport.abandon(marker);
        listener.wait(marker);
    }
    End send(const std::shared_ptr<domain::SmtpAccount>& from, const std::string& to) {
        return listener.wait(start(from, to));
    }

    SystemClock clock;
    Listener listener;
    Sink sink;
    SmtpTransport transport;
};

template <class Outcome> Outcome as(const End& end) {
    if (const auto* outcome = std::get_if<Outcome>(&end.outcome)) return *outcome;
    ADD_FAILURE() << "another outcome: index " << end.outcome.index() << ", " << domain::judge(end.outcome).reason
                  << ", " << domain::judge(end.outcome).detail;
    return {};
}

}  // namespace sequitur::mail
