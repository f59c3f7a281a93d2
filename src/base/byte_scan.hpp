// Where something first stands in a text, looked for sixteen bytes at a time: each mail is read several times over,
// and a look at every single byte would be most of what it costs.
//
// What to look for is a comparison of blocks: `[](Block block) { return (block < ' ') | (block == '='); }`. The bytes
// are signed, so `block < 0` is all that is not ASCII.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sequitur::scan {

constexpr std::size_t block_bytes = 16;
using Block [[gnu::vector_size(block_bytes)]] = signed char;

using Halves [[gnu::vector_size(block_bytes)]] = std::uint64_t;

/// The first byte of a block for which the comparison held; 16 if it held for none.
inline std::size_t first_hit(Block hits) {
#ifdef __SSE2__
    using Characters [[gnu::vector_size(block_bytes)]] = char;
    const auto bits = static_cast<unsigned>(__builtin_ia32_pmovmskb128(reinterpret_cast<Characters>(hits)));
    return bits == 0 ? block_bytes : static_cast<std::size_t>(std::countr_zero(bits));
#else
    const auto halves = reinterpret_cast<Halves>(hits);
    constexpr bool is_little = std::endian::native == std::endian::little;
    const auto place = [](std::uint64_t half) {
        return static_cast<std::size_t>(is_little ? std::countr_zero(half) : std::countl_zero(half)) / 8;
    };
    if ((halves[0] | halves[1]) == 0) return block_bytes;
    return halves[0] != 0 ? place(halves[0]) : 8 + place(halves[1]);
#endif
}

inline Block block_at(std::string_view text, std::size_t at) {
    Block block{};
    std::memcpy(&block, text.data() + at, block_bytes);
    return block;
}

/// Of four blocks that one comparison looked at: whether it held for none of their bytes.
inline constexpr std::size_t stride_bytes = 4 * block_bytes;
template <class HitsAt> bool is_clear(HitsAt hits_at, std::size_t at) {
    const auto hits =
        (hits_at(at) | hits_at(at + block_bytes)) | (hits_at(at + 2 * block_bytes) | hits_at(at + 3 * block_bytes));
    return first_hit(hits) == block_bytes;
}

/// The first byte of `text` for which the comparison holds; its size if there is none.
template <class Compare> std::size_t first(std::string_view text, Compare compare) {
    const auto hits_at = [&](std::size_t at) { return compare(block_at(text, at)); };
    std::size_t at = 0;
    for (; at + block_bytes <= text.size(); at += block_bytes)
        if (const auto hit = first_hit(hits_at(at)); hit < block_bytes) return at + hit;
    if (at == text.size()) return at;
    if (text.size() < block_bytes) {
        Block block{};
        std::memcpy(&block, text.data(), text.size());
        return std::min(text.size(), first_hit(compare(block)));
    }
    const auto last = text.size() - block_bytes;  // what overlaps is known to hold nothing
    return last + first_hit(hits_at(last));
}

/// Whether the comparison holds for no byte of `text`: for long texts, of which most have none.
template <class Compare> bool nowhere(std::string_view text, Compare compare) {
    const auto hits_at = [&](std::size_t at) { return compare(block_at(text, at)); };
    std::size_t at = 0;
    for (; at + stride_bytes <= text.size(); at += stride_bytes)
        if (!is_clear(hits_at, at)) return false;
    return first(text.substr(at), compare) == text.size() - at;
}

/// Where `one` stands right before `other`; npos if nowhere. Most texts are long and have it nowhere.
inline std::size_t pair(std::string_view text, char one, char other) {
    const auto hits_at = [&](std::size_t at) {
        return (block_at(text, at) == static_cast<signed char>(one)) &
               (block_at(text, at + 1) == static_cast<signed char>(other));
    };
    std::size_t at = 0;
    while (at + stride_bytes < text.size() && is_clear(hits_at, at)) at += stride_bytes;
    for (; at + block_bytes < text.size(); at += block_bytes)
        if (const auto hit = first_hit(hits_at(at)); hit < block_bytes) return at + hit;
    const std::array both{one, other};
    return text.find(both.data(), at, both.size());
}

inline bool is_ascii(std::string_view text) {
    return nowhere(text, [](Block block) { return block < 0; });
}

/// CR, LF or NUL.
inline std::size_t line_end(std::string_view text) {
    return first(text, [](Block block) { return (block == '\0') | (block == '\r') | (block == '\n'); });
}

}  // namespace sequitur::scan
