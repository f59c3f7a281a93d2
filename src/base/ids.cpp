#include "base/ids.hpp"

#include <array>
#include <cstring>
#include <random>

namespace sequitur {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

/// Below zero: no digit. A table, since nobody can guess which branch a digit of an id takes.
constexpr auto hex_values = [] {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t digit = 0; digit < digits.size(); ++digit) {
        const auto value = static_cast<std::int8_t>(digit);
        values[static_cast<unsigned char>(digits[digit])] = value;
        if (digit >= 10) values[static_cast<std::size_t>('A') + digit - 10] = value;
    }
    return values;
}();

int hex_value(char c) { return hex_values[static_cast<unsigned char>(c)]; }

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
    constexpr std::array<std::uint8_t, 16> digits_at{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
    if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return std::nullopt;
    Uuid uuid;
    int problem = 0;  // below zero, as soon as one digit is none
    for (std::size_t i = 0; i < digits_at.size(); ++i) {
        const int high = hex_value(text[digits_at[i]]);
        const int low = hex_value(text[digits_at[i] + 1U]);
        problem |= high | low;
        uuid.bytes[i] = static_cast<std::uint8_t>((high << 4 | low) & 0xFF);
    }
    if (problem < 0) return std::nullopt;
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
