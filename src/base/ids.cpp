#include "base/ids.hpp"

#include <array>
#include <cstring>
#include <random>

#include "base/hex.hpp"

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
    const auto digits_of_all = hex_digits();
    return {digits_of_all.data(), digits_of_all.size()};
}

std::array<char, 32> Uuid::hex_digits() const {
    std::array<char, 32> out{};
    auto* at = out.data();
    for (const auto byte : bytes) at = put_hex(at, byte);
    return out;
}

void Uuid::append_text(std::string& out) const {
    const auto digits_of_all = hex_digits();
    out.reserve(out.size() + 36);
    std::string_view rest{digits_of_all.data(), digits_of_all.size()};
    for (const std::size_t group : {8, 4, 4, 4}) {
        out.append(rest.substr(0, group)) += '-';
        rest.remove_prefix(group);
    }
    out += rest;
}

std::string Uuid::text() const {
    std::string out;
    append_text(out);
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
