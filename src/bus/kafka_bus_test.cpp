// What no broker can be asked to do: requests that fail, by librdkafka's cluster of pretence.
#include "bus/kafka_bus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka_mock.h>

#include <thread>

#include "bus/kafka_subscription.hpp"

namespace sequitur::bus {
namespace {

using namespace std::chrono_literals;

constexpr std::int16_t produce_request = 0;
constexpr std::int16_t sync_group_request = 14;
constexpr int partitions = 4;

/// A cluster of one broker inside this process. It has no Admin API, so topics are made here.
class PretendedKafka {
public:
    PretendedKafka()
        : handle_(kafka_handle(RD_KAFKA_PRODUCER, kafka_conf({.brokers = ""}, {{"test.mock.num.brokers", "1"}}))),
          cluster_(rd_kafka_handle_mock_cluster(handle_.get())) {
        rd_kafka_mock_topic_create(cluster_, "email-jobs", partitions, 1);
    }

    KafkaBusConfig config() const {
        KafkaBusConfig config{.brokers = rd_kafka_mock_cluster_bootstraps(cluster_)};
        config.properties = {{"retry.backoff.ms", "10"}};
        return config;
    }
    void refuse_produce(const std::vector<rd_kafka_resp_err_t>& errors) { refuse(produce_request, errors); }
    void refuse(std::int16_t request, const std::vector<rd_kafka_resp_err_t>& errors) {
        rd_kafka_mock_push_request_errors_array(cluster_, request, errors.size(), errors.data());
    }
    /// Of all partitions.
    std::int64_t records() const {
        std::int64_t count = 0;
        for (int partition = 0; partition < partitions; ++partition) {
            std::int64_t oldest = 0;
            std::int64_t next = 0;
            EXPECT_EQ(rd_kafka_query_watermark_offsets(handle_.get(), "email-jobs", partition, &oldest, &next, 10'000),
                      RD_KAFKA_RESP_ERR_NO_ERROR);
            count += next - oldest;
        }
        return count;
    }
    void set_down(bool is_down) {
        if (is_down)
            rd_kafka_mock_broker_set_down(cluster_, 1);
        else
            rd_kafka_mock_broker_set_up(cluster_, 1);
    }

private:
    KafkaHandle handle_;
    rd_kafka_mock_cluster_t* cluster_;
};

struct KafkaProducing : ::testing::Test {
    static domain::OutgoingRecord record(int slot = 0) {
        return {.topic = "email-jobs", .slot = slot, .id = Uuid::v7(SystemClock{}.now()), .payload = "{}"};
    }
    PretendedKafka kafka;
};

TEST_F(KafkaProducing, Row31RepeatsWhatABrokerRefusesForTheMoment) {
    KafkaBus bus{kafka.config()};
    kafka.refuse_produce({RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                          RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE});
    bus.publish(std::vector{record(0), record(1), record(2)});

    EXPECT_EQ(kafka.records(), 3);
}

TEST_F(KafkaProducing, Row31SaysSoWhenABrokerRefusesForGoodAndGoesOnAfterwards) {
    KafkaBus bus{kafka.config()};
    kafka.refuse_produce({RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
    EXPECT_THROW(bus.publish(std::vector{record()}), domain::BusError);

    bus.publish(std::vector{record()});

    EXPECT_EQ(kafka.records(), 1);
}

TEST_F(KafkaProducing, Row31MakesAProducerAnewThatIsBrokenForGood) {
    KafkaBus bus{kafka.config()};
    bus.publish(std::vector{record()});
    // Without the batches before it in flight, a sequence that is out of order can not be mended by trying again.
    kafka.refuse_produce({RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER});
    EXPECT_THROW(bus.publish(std::vector{record()}), domain::BusError);

    bus.publish(std::vector{record()});

    EXPECT_EQ(kafka.records(), 2);
}

TEST_F(KafkaProducing, DoesNotSendAgainWhatIsStillUnderWay) {
    auto config = kafka.config();
    config.publish_wait = 300ms;
    KafkaBus bus{config};
    const std::vector records{record()};
    bus.publish(std::vector{record()});
    kafka.set_down(true);
    for (int tries = 0; tries < 3; ++tries) EXPECT_THROW(bus.publish(records), domain::BusError);
    kafka.set_down(false);

    const auto until = std::chrono::steady_clock::now() + 20s;
    bool is_published = false;
    while (!is_published && std::chrono::steady_clock::now() < until) {
        try {
            bus.publish(records);
            is_published = true;
        } catch (const domain::BusError&) { continue; }
    }

    EXPECT_TRUE(is_published);
    EXPECT_EQ(kafka.records(), 2);
}

TEST_F(KafkaProducing, FailsSoonWhileNoBrokerIsThere) {
    auto config = kafka.config();
    config.answer_wait = 300ms;
    config.publish_wait = 300ms;
    kafka.set_down(true);
    KafkaBus bus{config};

    EXPECT_THROW(bus.publish(std::vector{record()}), domain::BusError);
    EXPECT_THROW(bus.ensure_topics(), domain::BusError);
    EXPECT_THROW(bus.lag(), domain::BusError);
}

bool gets_its_share(domain::Subscription& member) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (member.held().empty() && std::chrono::steady_clock::now() < until) member.poll(1, 1s);
    return !member.held().empty();
}

TEST(KafkaMember, LeavesWhileItHasJoinedAndHasNoShareYet) {
    PretendedKafka kafka;
    KafkaBus bus{kafka.config()};
    kafka.refuse(sync_group_request, std::vector(1000, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS));
    auto member = bus.subscribe("sender", "email-jobs");
    EXPECT_TRUE(member->poll(1, 5s).empty());  // the first round of a group takes 3 s

    member.reset();
}

// Closed then, it would wait for ever for a share that comes meanwhile.
TEST(KafkaMember, SaysThatItIsNotOutWhileItsGroupIsArranged) {
    PretendedKafka kafka;
    kafka.refuse(sync_group_request, std::vector(1000, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS));
    auto member = std::make_unique<KafkaSubscription>(kafka.config(), "sender", "email-jobs");
    EXPECT_TRUE(member->poll(1, 5s).empty());  // the first round of a group takes 3 s

    EXPECT_FALSE(member->leave());
    std::thread{[left = std::move(member)]() mutable { left.reset(); }}.detach();
}

TEST(KafkaMember, SaysThatItIsOutWhenItsGroupHasLetItGo) {
    PretendedKafka kafka;
    KafkaSubscription member{kafka.config(), "sender", "email-jobs"};
    ASSERT_TRUE(gets_its_share(member));

    EXPECT_TRUE(member.leave());
    EXPECT_TRUE(member.held().empty());
}

TEST(KafkaMember, SaysThatItIsOutWhenItNeverAsked) {
    PretendedKafka kafka;
    kafka.set_down(true);
    KafkaSubscription member{kafka.config(), "sender", "email-jobs"};

    EXPECT_TRUE(member.leave());
}

TEST(KafkaMember, LeavesBeforeItHasSeenItsShare) {
    PretendedKafka kafka;
    KafkaBus bus{kafka.config()};
    auto member = bus.subscribe("sender", "email-jobs");
    // Its group is arranged before this one.
    const auto later = bus.subscribe("recorder", "email-jobs");
    ASSERT_TRUE(gets_its_share(*later));

    member.reset();
}

TEST(KafkaMember, LeavesWithACommitThatNobodyAnswers) {
    PretendedKafka kafka;
    auto config = kafka.config();
    config.answer_wait = 300ms;
    KafkaBus bus{config};
    const auto now = SystemClock{}.now();
    bus.publish(
        std::vector{domain::OutgoingRecord{.topic = "email-jobs", .slot = 0, .id = Uuid::v7(now), .payload = ""}});
    auto member = bus.subscribe("sender", "email-jobs");
    const auto got = member->poll(1, 20s);
    ASSERT_EQ(got.size(), 1U);
    kafka.set_down(true);
    EXPECT_THROW(member->commit(std::vector{domain::Position{got[0].partition, 1}}), domain::BusError);

    member.reset();
}

}  // namespace
}  // namespace sequitur::bus
