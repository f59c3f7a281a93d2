// What every MessageBus promises, as tests that any implementation instantiates:
//   INSTANTIATE_TEST_SUITE_P(Name, BusContract, ::testing::Values(BusImplementation{"Name", make}));
//
// Members are driven by the test's own thread, so "frozen" is simply: not polled any more. Nothing
// is timed: a test polls until what it waits for is there, within a bound that is only reached in failure.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "domain/ports/message_bus.hpp"

namespace sequitur::test {

/// One bus, empty at first, and the processes that use it.
class BusUnderTest {
public:
    struct Process {
        int partitions = 4;
        Duration max_poll = std::chrono::seconds{60};
    };

    virtual ~BusUnderTest() = default;
    /// A handle as one more process would have it. Heartbeats and leases as short as the implementation allows.
    virtual std::unique_ptr<domain::MessageBus> process(const Process& process) = 0;
};

struct BusImplementation {
    std::string name;
    std::function<std::unique_ptr<BusUnderTest>()> make;

    friend void PrintTo(const BusImplementation& implementation, std::ostream* out) { *out << implementation.name; }
};

class BusContract : public ::testing::TestWithParam<BusImplementation> {
protected:
    using Subscriptions = std::vector<domain::Subscription*>;
    /// The records somebody got, repetitions included.
    using Records = std::vector<domain::BusRecord>;

    std::unique_ptr<domain::MessageBus> process() { return bus_->process({}); }
    std::unique_ptr<domain::MessageBus> process(const BusUnderTest::Process& process) { return bus_->process(process); }

    /// Publishes `payloads` one record each, record i into slot (first_slot + i) % 64; answers with the ids.
    static std::vector<Uuid> publish(domain::MessageBus& bus, const std::vector<std::string>& payloads,
                                     int first_slot = 0, const std::string& topic = "email-jobs");
    /// `count` small records over all slots.
    static std::vector<Uuid> publish_many(domain::MessageBus& bus, int count);

    /// Polls all of them in turn until `enough`; what they got goes to `got`. False when the bound was reached.
    static bool poll_until(const Subscriptions& members, Records& got, const std::function<bool()>& enough);
    /// Polls until every id was delivered at least once.
    static bool receive(const Subscriptions& members, Records& got, const std::vector<Uuid>& ids);
    static Records receive(domain::Subscription& member, const std::vector<Uuid>& ids);
    /// Commits all that was delivered of these records; answers with the refused partitions.
    static std::vector<int> commit(domain::Subscription& member, const Records& records);
    /// Nothing more comes, as far as one can see: several rounds of polls stay empty.
    static Records whatever_else_comes(domain::Subscription& member);

private:
    std::unique_ptr<BusUnderTest> bus_ = GetParam().make();
};

}  // namespace sequitur::test
