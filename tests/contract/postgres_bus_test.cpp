// The embedded bus keeps the contract.
#include "bus/postgres_bus.hpp"
#include "contract/bus_contract.hpp"
#include "support/bus_schema.hpp"
#include "support/temp_database.hpp"

namespace sequitur::test {
namespace {

using namespace std::chrono_literals;

class PostgresBusUnderTest final : public BusUnderTest {
public:
    PostgresBusUnderTest() { database_.script(bus_schema()); }

    std::unique_ptr<domain::MessageBus> process(const Process& process) override {
        bus::PostgresBusConfig config{.database_url = database_.url(), .partitions = process.partitions};
        config.heartbeat = 50ms;
        config.heard = 500ms;
        config.trust = 800ms;
        config.lease = 1s;
        config.max_poll = process.max_poll;
        config.look_anyway = 1h;  // whoever waits must be told
        auto made = std::make_unique<bus::PostgresBus>(config, clock_);
        made->ensure_topics();
        return made;
    }

private:
    SystemClock clock_;
    TempDatabase database_;
};

INSTANTIATE_TEST_SUITE_P(Postgres, BusContract,
                         ::testing::Values(BusImplementation{"Postgres",
                                                             [] { return std::make_unique<PostgresBusUnderTest>(); }}));

}  // namespace
}  // namespace sequitur::test
