#include "mail/base64.hpp"

#include <array>
#include <cstdint>

namespace sequitur::mail {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The value of each character of base64url; -1: not one of them.
constexpr auto url_values = [] {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < url_alphabet.size(); ++i)
        values[static_cast<unsigned char>(url_alphabet[i])] = static_cast<std::int8_t>(i);
    return values;
}();

std::uint32_t octet(std::string_view bytes, std::size_t i) {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
}

/// A character for each six bits, the last ones filled up with zeros.
std::string encoded(std::string_view bytes, std::string_view letters, std::size_t capacity) {
    std::string text;
    text.reserve(capacity);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto group = octet(bytes, i) << 16 | octet(bytes, i + 1) << 8 | octet(bytes, i + 2);
        text += letters[group >> 18];
        text += letters[group >> 12 & 63];
        if (i + 1 < bytes.size()) text += letters[group >> 6 & 63];
        if (i + 2 < bytes.size()) text += letters[group & 63];
    }
    return text;
}

}  // namespace

std::string base64(std::string_view bytes) {
    const auto characters = (bytes.size() + 2) / 3 * 4;
    auto text = encoded(bytes, alphabet, characters);
    text.append(characters - text.size(), '=');
    return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i += 4) {
        std::uint32_t group = 0;
        std::size_t padding = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const auto value = alphabet.find(text[i + k]);
            const bool is_padding = text[i + k] == '=' && i + 4 == text.size() && k >= 2;
            if (value == std::string_view::npos ? !is_padding : padding > 0) return std::nullopt;
            padding += is_padding;
            group = group << 6 | (is_padding ? 0 : static_cast<std::uint32_t>(value));
        }
        bytes += static_cast<char>(group >> 16);
        if (padding < 2) bytes += static_cast<char>(group >> 8 & 255);
        if (padding < 1) bytes += static_cast<char>(group & 255);
    }
    return bytes;
}

std::string base64url(std::string_view bytes) { return encoded(bytes, url_alphabet, (bytes.size() * 4 + 2) / 3); }

std::optional<std::string> base64url_decode(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    int held = 0;
    for (const unsigned char c : text) {
        if (url_values[c] < 0) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(url_values[c]);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes += static_cast<char>(bits >> held & 255);
    }
    // What is left of the last character carries nothing: in the one right text it is zero.
    const bool is_whole = held < 6 && (bits & ((1u << held) - 1)) == 0;
    return is_whole ? std::optional{std::move(bytes)} : std::nullopt;
}

}  // namespace sequitur::mail
