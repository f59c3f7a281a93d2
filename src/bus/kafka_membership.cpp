#include "bus/kafka_membership.hpp"

namespace sequitur::bus {

namespace {

using Steady = std::chrono::steady_clock;

// Kafka's numbers of these requests.
constexpr std::int16_t join_group = 11;
constexpr std::int16_t heartbeat = 12;
constexpr std::int16_t leave_group = 13;
constexpr std::int16_t sync_group = 14;

}  // namespace

void KafkaMembership::overhear(rd_kafka_conf_t* conf) {
    rd_kafka_conf_interceptor_add_on_new(conf, "membership", add_to, this);
}

rd_kafka_resp_err_t KafkaMembership::add_to(rd_kafka_t* handle, const rd_kafka_conf_t*, void* self, char*, size_t) {
    rd_kafka_interceptor_add_on_request_sent(handle, "membership", sent, self);
    rd_kafka_interceptor_add_on_response_received(handle, "membership", received, self);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t KafkaMembership::sent(rd_kafka_t*, int, const char*, std::int32_t, std::int16_t api, std::int16_t,
                                          std::int32_t, size_t, void* self) {
    auto& membership = *static_cast<KafkaMembership*>(self);
    if (api == join_group) {
        membership.is_joining_ = true;
        membership.is_outside_ = false;
    }
    if (api == heartbeat) membership.note_share();  // the first one is sent after that
    if (api == heartbeat || api == sync_group) membership.asked_at_ = Steady::now();
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t KafkaMembership::received(rd_kafka_t*, int, const char*, std::int32_t, std::int16_t api,
                                              std::int16_t, std::int32_t, size_t, std::int64_t,
                                              rd_kafka_resp_err_t error, void* self) {
    if (error) return RD_KAFKA_RESP_ERR_NO_ERROR;
    auto& membership = *static_cast<KafkaMembership*>(self);
    membership.silent_since_ = SteadyTime{};
    if (api == join_group) membership.has_joined_ = true;
    if (api == leave_group) membership.is_outside_ = true;
    if (api == heartbeat || api == sync_group) membership.heard_at_ = membership.asked_at_.load();
    if (api == sync_group) membership.is_joining_ = false;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void KafkaMembership::note_silence() {
    auto since = SteadyTime{};
    silent_since_.compare_exchange_strong(since, Steady::now());
}

}  // namespace sequitur::bus
