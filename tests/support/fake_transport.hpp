// A transport whose sessions a test leads by hand: it starts, the test says when it is ready and how it ended.
// Not thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "domain/ports/mail_transport.hpp"
#include "support/trace.hpp"

namespace sequitur::test {

class FakeTransport final : public domain::MailTransport {
public:
    FakeTransport(domain::DeliveryListener& listener, Trace& trace) : listener_(listener), trace_(trace) {}

    std::vector<domain::Delivery> started;
    std::vector<domain::DeliveryKey> proceeded;
    std::vector<domain::DeliveryKey> abandoned;

    void start(domain::Delivery delivery) override {
        trace_.push_back("start");
        started.push_back(std::move(delivery));
    }
    void proceed(const domain::DeliveryKey& key) override {
        trace_.push_back("dot");
        proceeded.push_back(key);
    }
    void abandon(const domain::DeliveryKey& key) override {
        abandoned.push_back(key);
        listener_.done(key, domain::Abandoned{"no permit"}, {});
    }
    void drain() override {}
    std::size_t in_flight() const override { return started.size(); }

    std::string message(std::size_t number = 0) { return listener_.message(started.at(number).key).value_or("none"); }
    void ready(std::size_t number = 0) {
        message(number);
        listener_.ready_for_dot(started.at(number).key);
    }
    void end(const domain::SendOutcome& outcome, bool dot_written = true, std::size_t number = 0) {
        listener_.done(started.at(number).key, outcome, {dot_written, "sha"});
    }

private:
    domain::DeliveryListener& listener_;
    Trace& trace_;
};

}  // namespace sequitur::test
