// Dead letters: what became of a record that nobody could process, kept as it came.
//
// The payload may hold anything, so it travels as base64 (RFC 4648 §4); `payload_bytes` tells when it was cut.
#include <cstdint>

#include "base/log.hpp"
#include "domain/messages.hpp"
#include "domain/ports/message_bus.hpp"

namespace sequitur::domain {

namespace {

constexpr std::size_t payload_bytes_max = 64 * 1024;

std::string base64(std::string_view bytes) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()))) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i) text += i > bytes.size() ? '=' : alphabet[group >> (18 - 6 * i) & 63];
    }
    return text;
}

}  // namespace

OutgoingRecord dead_letter(const BusRecord& record, std::string_view group, std::string_view reason, TimePoint now) {
    const auto id = Uuid::v7(now);
    const auto quoted = [](std::string_view name, std::string_view value) {
        return ",\"" + std::string{name} + "\":" + log::json_quote(value);
    };
    const auto number = [](std::string_view name, auto value) {
        return ",\"" + std::string{name} + "\":" + std::to_string(value);
    };
    const auto kept = std::string_view{record.payload}.substr(0, payload_bytes_max);
    return {.topic = topics::dead_letters(record.topic),
            .slot = record.slot,
            .id = id,
            .payload = "{\"v\":1" + quoted("id", id.text()) + quoted("topic", record.topic) +
                       number("partition", record.partition) + number("offset", record.offset) +
                       number("slot", record.slot) + quoted("group", group) + quoted("reason", reason) +
                       quoted("record_id", record.id.text()) + number("payload_bytes", record.payload.size()) +
                       quoted("payload_base64", base64(kept)) + "}"};
}

}  // namespace sequitur::domain
