// The bus on a real Kafka keeps the contract.
#include "bus/kafka_bus.hpp"

#include <algorithm>

#include "contract/bus_contract.hpp"
#include "support/kafka_topics.hpp"

namespace sequitur::test {
namespace {

using namespace std::chrono_literals;

class KafkaBusUnderTest final : public BusUnderTest {
public:
    ~KafkaBusUnderTest() override { delete_topics(config_); }

    std::unique_ptr<domain::MessageBus> process(const Process& process) override {
        auto config = config_;
        config.partitions = process.partitions;
        // Within this time every member must have joined anew when another comes or goes.
        config.max_poll = std::max<Duration>(process.max_poll, 3s);
        auto made = std::make_unique<bus::KafkaBus>(config);
        made->ensure_topics();
        // An existing topic is left alone: the operator lets it grow.
        grow_topic(config, "email-jobs", process.partitions);
        return made;
    }

private:
    const bus::KafkaBusConfig config_ = kafka_config(kafka_prefix());
};

INSTANTIATE_TEST_SUITE_P(Kafka, BusContract,
                         ::testing::Values(BusImplementation{"Kafka",
                                                             [] { return std::make_unique<KafkaBusUnderTest>(); }}));

}  // namespace
}  // namespace sequitur::test
