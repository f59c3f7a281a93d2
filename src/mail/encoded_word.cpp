#include "mail/encoded_word.hpp"

#include <algorithm>
#include <functional>

#include "mail/base64.hpp"
#include "mail/utf8.hpp"

namespace sequitur::mail {

namespace {

constexpr std::size_t word_bytes_max = 75;
constexpr std::size_t line_bytes_max = 76;
constexpr std::size_t frame_bytes = 12;  // =?UTF-8?Q? and ?=

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

std::string q_encoded(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string result;
    for (const char c : bytes) {
        const auto value = static_cast<unsigned char>(c);
        if (c == ' ')
            result += '_';
        else if (is_letter_or_digit(c) || std::string_view{"!*+-/"}.find(c) != std::string_view::npos)
            result += c;
        else
            (result += '=') += {digits[value >> 4], digits[value & 15]};
    }
    return result;
}

bool is_better_as_q(std::string_view text) {
    std::size_t characters = 0;
    for (std::size_t at = 0; at < text.size(); at += character_bytes(text, at)) ++characters;
    const auto plain = std::ranges::count_if(text, [](char c) { return is_letter_or_digit(c) || c == ' '; });
    return static_cast<std::size_t>(plain) * 2 >= characters;
}

// How many bytes of `text`, in whole characters, make a word of at most `bytes_max`. In base64 whole groups of three
// bytes where that is possible: some readers (GMime 3.2) take a `=` before the next word for the end of all of them.
std::size_t fitting(std::string_view text, bool q, std::size_t bytes_max) {
    std::size_t taken = 0;
    std::size_t unpadded = 0;
    std::size_t encoded = frame_bytes;
    while (taken < text.size()) {
        const auto next = taken + character_bytes(text, taken);
        encoded = q ? encoded + q_encoded(text.substr(taken, next - taken)).size() : frame_bytes + (next + 2) / 3 * 4;
        if (encoded > bytes_max && taken > 0) return q || unpadded == 0 ? taken : unpadded;
        taken = next;
        if (taken % 3 == 0) unpadded = taken;
    }
    return taken;
}

}  // namespace

std::string encoded_words(std::string_view raw, std::size_t first_column) {
    const auto whole = well_formed(raw);
    std::string_view text = whole;
    const bool q = is_better_as_q(text);
    std::string result;
    auto room = std::min(word_bytes_max, line_bytes_max - std::min(first_column, line_bytes_max / 2));
    while (!text.empty()) {
        const auto taken = fitting(text, q, room);
        const auto part = text.substr(0, taken);
        if (!result.empty()) result += "\r\n ";
        result += q ? "=?UTF-8?Q?" + q_encoded(part) : "=?UTF-8?B?" + base64(part);
        result += "?=";
        text.remove_prefix(taken);
        room = word_bytes_max;
    }
    return result;
}

}  // namespace sequitur::mail
