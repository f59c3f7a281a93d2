// Bytes as two hex digits, lower case.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sequitur {

/// Returns the place behind them. From a table of pairs: ids and digests of every mail are written with it.
inline char* put_hex(char* at, std::uint8_t byte) {
    static constexpr auto pairs = [] {
        constexpr std::string_view digits = "0123456789abcdef";
        std::array<char, 512> all{};
        for (std::size_t value = 0; value < 256; ++value) {
            all[2 * value] = digits[value >> 4];
            all[2 * value + 1] = digits[value & 15];
        }
        return all;
    }();
    std::memcpy(at, pairs.data() + std::size_t{2} * byte, 2);
    return at + 2;
}

}  // namespace sequitur
