#include "bus/kafka_subscription.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "bus/kafka_admin.hpp"
#include "bus/kafka_record.hpp"

namespace sequitur::bus {

namespace {

using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t waiting_max = 1000;  // records; then reading rests
constexpr std::size_t waiting_low = 250;   // until so few are left
// librdkafka tries to join once a second, and first asks for partitions that are older than that: for ever, if they are
// always too old.
constexpr auto partitions_age_min = 3s;
constexpr auto silence_max = 5s;  // of all brokers, before a poll says so
constexpr auto look_again = 20ms;  // while the group is waited for
constexpr auto leave_wait = 2s;  // for the group; while it is arranged, that takes its time

}  // namespace

KafkaSubscription::KafkaSubscription(const KafkaBusConfig& config, std::string_view group, std::string topic)
    : config_(config), topic_(std::move(topic)), membership_(std::make_unique<KafkaMembership>()) {
    const auto partitions_age = std::max<Duration>(config.partitions_age, partitions_age_min);
    auto conf = kafka_conf(config, {{"group.id", kafka_group(config, group)},
                                    {"partition.assignment.strategy", "cooperative-sticky"},
                                    {"session.timeout.ms", in_ms(config.session)},
                                    {"heartbeat.interval.ms", in_ms(config.heartbeat)},
                                    {"max.poll.interval.ms", in_ms(config.max_poll)},
                                    {"enable.auto.commit", "false"},
                                    {"enable.auto.offset.store", "false"},
                                    {"auto.offset.reset", "earliest"},
                                    {"isolation.level", "read_committed"},
                                    {"check.crcs", "true"},
                                    {"queued.min.messages", "10000"},
                                    {"queued.max.messages.kbytes", "16384"},
                                    {"fetch.message.max.bytes", "262144"},
                                    {"fetch.error.backoff.ms", "100"},
                                    {"topic.metadata.refresh.interval.ms", in_ms(partitions_age)}});
    membership_->overhear(conf.get());
    rd_kafka_conf_set_opaque(conf.get(), this);
    rd_kafka_conf_set_rebalance_cb(conf.get(), rebalance);
    rd_kafka_conf_set_error_cb(conf.get(), note_error);
    handle_ = kafka_handle(RD_KAFKA_CONSUMER, std::move(conf));
    rd_kafka_poll_set_consumer(handle_.get());
    records_.reset(rd_kafka_queue_get_consumer(handle_.get()));
    commits_.reset(rd_kafka_queue_new(handle_.get()));
    const KafkaPartitions topics{rd_kafka_topic_partition_list_new(1)};
    rd_kafka_topic_partition_list_add(topics.get(), (config.prefix + topic_).c_str(), RD_KAFKA_PARTITION_UA);
    if (const auto error = rd_kafka_subscribe(handle_.get(), topics.get())) bus_error("joining a group", error);
}

/// At once, so that others need not wait for the session's end.
bool KafkaSubscription::leave() {
    try {
        // While no broker answers, the wait for its answer would only hold up who stops.
        if (!membership_->is_joining() && membership_->silent_since() == SteadyTime{}) commit_asked();
    } catch (const domain::BusError& error) {
        log::warn("bus member could not commit before it left", {{"topic", topic_}, {"error", error.what()}});
    }
    is_leaving_ = true;
    rd_kafka_unsubscribe(handle_.get());
    const auto until = Steady::now() + leave_wait;
    // Once in any case: librdkafka leaves a group by itself when it was not polled for long, with a share unseen.
    do {
        const KafkaMessage unread{rd_kafka_consumer_poll(handle_.get(), to_ms(look_again))};
    } while (!membership_->is_outside() && membership_->silent_since() == SteadyTime{} && Steady::now() < until);
    return !is_commit_open_ && membership_->is_outside();
}

KafkaSubscription::~KafkaSubscription() {
    // A handle waits at its end for every queue that is not given back.
    records_.reset();
    commits_.reset();
    rd_kafka_consumer_close(handle_.get());
    if (membership_->may_end()) {
        handle_.reset();
        return;
    }
    // It has left the group; its threads and memory stay, with what they tell, until the process ends.
    log::warn("bus member left while it joined; its handle is kept", {{"topic", topic_}});
    static_cast<void>(handle_.release());
    static_cast<void>(membership_.release());
}

void KafkaSubscription::rebalance(rd_kafka_t*, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions,
                                  void* self) {
    auto& subscription = *static_cast<KafkaSubscription*>(self);
    if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        subscription.take(partitions);
    else
        subscription.give_back(partitions);
}

void KafkaSubscription::note_error(rd_kafka_t*, int error, const char* reason, void* self) {
    auto& subscription = *static_cast<KafkaSubscription*>(self);
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) subscription.membership_->note_silence();
    log::debug("kafka consumer", {{"topic", subscription.topic_}, {"reason", reason}});
}

void KafkaSubscription::take(rd_kafka_topic_partition_list_t* partitions) {
    membership_->note_share();
    const KafkaError error{rd_kafka_incremental_assign(handle_.get(), partitions)};
    for (int i = 0; i < partitions->cnt; ++i) held_[partitions->elems[i].partition] = {};
    if (is_resting_) rd_kafka_pause_partitions(handle_.get(), partitions);
    log::debug("bus partitions taken", {{"topic", topic_}, {"count", partitions->cnt}});
}

void KafkaSubscription::give_back(rd_kafka_topic_partition_list_t* partitions) {
    const bool is_taken = is_lost();
    try {
        if (!is_taken && !is_leaving_) commit_asked();
    } catch (const domain::BusError& error) {
        log::warn("bus partitions given back without their last commit", {{"topic", topic_}, {"error", error.what()}});
    }
    for (int i = 0; i < partitions->cnt; ++i) held_.erase(partitions->elems[i].partition);
    const KafkaError error{rd_kafka_incremental_unassign(handle_.get(), partitions)};
    log::debug("bus partitions given back", {{"topic", topic_}, {"count", partitions->cnt}, {"lost", is_taken}});
}

bool KafkaSubscription::is_lost() const { return rd_kafka_assignment_lost(handle_.get()) != 0; }

/// A member that waits for the group to be arranged sends no heartbeats, and is not replaced before that is done. That
/// it was not frozen meanwhile is seen from its polls.
void KafkaSubscription::note_life() {
    const auto now = Steady::now();
    polled_at_ = now;
    if (membership_->is_joining() && membership_->silent_since() == SteadyTime{} && is_trusted()) alive_at_ = now;
}

bool KafkaSubscription::is_trusted() const {
    const auto now = Steady::now();
    // Beyond max_poll librdkafka leaves the group by itself, and does not always say that all is lost.
    return !is_lost() && now - polled_at_ <= config_.max_poll &&
           now - std::max(membership_->heard_at(), alive_at_) <= config_.trust;
}

std::vector<int> KafkaSubscription::held() const {
    std::vector<int> partitions;
    if (!is_trusted()) return partitions;
    for (const auto& [partition, holding] : held_) partitions.push_back(partition);
    return partitions;
}

KafkaPartitions KafkaSubscription::held_partitions() const {
    KafkaPartitions list{rd_kafka_topic_partition_list_new(static_cast<int>(held_.size()))};
    const auto name = config_.prefix + topic_;
    for (const auto& [partition, holding] : held_)
        rd_kafka_topic_partition_list_add(list.get(), name.c_str(), partition);
    return list;
}

void KafkaSubscription::pause() {
    is_paused_ = true;
    read_or_rest();
}

void KafkaSubscription::resume() {
    is_paused_ = false;
    read_or_rest();
}

void KafkaSubscription::read_or_rest() {
    const auto count = waiting();
    const bool is_full = count >= (is_resting_ ? waiting_low : waiting_max);
    if (const bool should_rest = is_paused_ || is_full; should_rest != std::exchange(is_resting_, should_rest))
        (should_rest ? rd_kafka_pause_partitions : rd_kafka_resume_partitions)(handle_.get(), held_partitions().get());
}

bool KafkaSubscription::may_deliver() const { return !is_paused_ && is_trusted(); }

void KafkaSubscription::wake() {
    is_woken_ = true;
    rd_kafka_queue_yield(records_.get());
}

std::vector<domain::BusRecord> KafkaSubscription::poll(std::size_t records_max, Duration wait) {
    const auto deadline = Steady::now() + wait;
    while (true) {
        note_life();
        const auto left = std::chrono::duration_cast<Duration>(deadline - Steady::now());
        const bool waits_for_group = std::ranges::any_of(held_, [](const auto& one) { return one.second.asked >= 0; });
        if (waits_for_group && !membership_->is_joining()) commit_asked();
        auto pause = std::max(left, Duration::zero());
        if (records_max > 0 && may_deliver() && waiting() > 0) pause = Duration::zero();
        read(waits_for_group ? std::min<Duration>(pause, look_again) : pause);
        auto records = deliver(records_max);
        if (is_woken_.exchange(false) || !records.empty() || Steady::now() >= deadline) return records;
        const auto silent_since = membership_->silent_since();
        if (silent_since != SteadyTime{} && Steady::now() - silent_since > silence_max)
            bus_error("reading " + topic_, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN);
    }
}

std::size_t KafkaSubscription::waiting() const {
    std::size_t count = 0;
    for (const auto& [partition, holding] : held_) count += holding.records.size();
    return count;
}

void KafkaSubscription::read(Duration wait) {
    read_or_rest();
    auto count = waiting();
    do {
        const KafkaMessage message{rd_kafka_consumer_poll(handle_.get(), to_ms(wait))};
        if (!message) return;
        keep(*message);
        wait = Duration::zero();
    } while (++count < waiting_max);
}

void KafkaSubscription::keep(const rd_kafka_message_t& message) {
    if (message.err) {
        log::debug("kafka consumer", {{"topic", topic_}, {"reason", rd_kafka_message_errstr(&message)}});
        return;
    }
    const auto holding = held_.find(message.partition);
    if (holding == held_.end()) return;
    holding->second.records.push_back(bus_record(message, topic_));
}

std::vector<domain::BusRecord> KafkaSubscription::deliver(std::size_t records_max) {
    std::vector<domain::BusRecord> records;
    if (!may_deliver() || held_.empty()) return records;
    auto turn = held_.lower_bound(first_partition_);
    for (std::size_t empty = 0; records.size() < records_max && empty < held_.size(); ++turn) {
        if (turn == held_.end()) turn = held_.begin();
        auto& waiting = turn->second.records;
        if (waiting.empty()) {
            ++empty;
            continue;
        }
        empty = 0;
        records.push_back(std::move(waiting.front()));
        waiting.pop_front();
        first_partition_ = turn->first + 1;
    }
    return records;
}

}  // namespace sequitur::bus
