#include "base/ids.hpp"

#include <cstring>
#include <random>

namespace sequitur {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

void put_hex(char* at, std::uint8_t byte) {
    at[0] = digits[byte >> 4];
    at[1] = digits[byte & 15];
}

std::mt19937_64& generator() {
    thread_local std::mt19937_64 engine = [] {
        std::random_device device;
        std::seed_seq seed{device(), device(), device(), device(), device(), device()};
        return std::mt19937_64{seed};
    }();
    return engine;
}

}  // namespace

std::string Uuid::hex() const {
    std::string out(32, '0');
    for (std::size_t i = 0; i < bytes.size(); ++i) put_hex(&out[2 * i], bytes[i]);
    return out;
}

std::string Uuid::text() const {
    std::string out(36, '-');
    std::size_t at = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) ++at;
        put_hex(&out[at], bytes[i]);
        at += 2;
    }
    return out;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    Uuid uuid;
    std::size_t digit = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen != (text[i] == '-')) return std::nullopt;
        if (hyphen) continue;
        const int value = hex_value(text[i]);
        if (value < 0) return std::nullopt;
        auto& byte = uuid.bytes[digit / 2];
        byte = static_cast<std::uint8_t>(digit % 2 == 0 ? value << 4 : byte | value);
        ++digit;
    }
    return uuid;
}

Uuid Uuid::v7(TimePoint now) {
    Uuid uuid;
    const auto ms = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
    for (unsigned i = 0; i < 6; ++i) uuid.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    const std::array<std::uint64_t, 2> random{generator()(), generator()()};
    std::memcpy(uuid.bytes.data() + 6, random.data(), 10);
    uuid.bytes[6] = static_cast<std::uint8_t>(0x70 | (uuid.bytes[6] & 0x0F));
    uuid.bytes[8] = static_cast<std::uint8_t>(0x80 | (uuid.bytes[8] & 0x3F));
    return uuid;
}

TimePoint Uuid::v7_time() const {
    std::int64_t ms = 0;
    for (unsigned i = 0; i < 6; ++i) ms = (ms << 8) | bytes[i];
    return TimePoint{std::chrono::milliseconds{ms}};
}

}  // namespace sequitur
