#include "mail/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace sequitur::mail {

namespace {

unsigned octet(std::string_view text, std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}
bool is_continuation(unsigned byte) { return (byte & 0xC0U) == 0x80U; }

/// How many bytes of ASCII begin at `at`; eight at a time, since most text is nothing else.
std::size_t ascii_bytes(std::string_view text, std::size_t at) {
    constexpr std::uint64_t high_bits = 0x8080808080808080U;
    const auto from = at;
    for (std::uint64_t eight = 0; at + sizeof eight <= text.size(); at += sizeof eight) {
        std::memcpy(&eight, text.data() + at, sizeof eight);
        if ((eight & high_bits) != 0) break;
    }
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
    return at - from;
}

}  // namespace

std::size_t character_bytes(std::string_view text, std::size_t at) {
    const auto first = octet(text, at);
    const auto second = octet(text, at + 1);
    if (at >= text.size()) return 0;
    if (first < 0x80) return 1;
    if (first < 0xC2 || first > 0xF4 || !is_continuation(second)) return 0;
    if (first < 0xE0) return 2;
    if (!is_continuation(octet(text, at + 2))) return 0;
    if (first < 0xF0) {
        const bool is_overlong = first == 0xE0 && second < 0xA0;
        const bool is_surrogate = first == 0xED && second > 0x9F;
        return is_overlong || is_surrogate ? 0 : 3;
    }
    const bool is_out_of_range = (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
    return is_out_of_range || !is_continuation(octet(text, at + 3)) ? 0 : 4;
}

std::string well_formed(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    std::size_t run_from = 0;
    for (std::size_t at = ascii_bytes(text, 0); at < text.size(); at += ascii_bytes(text, at)) {
        const auto bytes = character_bytes(text, at);
        if (bytes == 0) {
            result += text.substr(run_from, at - run_from);
            result += "\xEF\xBF\xBD";
            run_from = at + 1;
        }
        at += bytes == 0 ? 1 : bytes;
    }
    result += text.substr(run_from);
    return result;
}

void append_utf8(std::string& out, char32_t code_point) {
    const auto c = static_cast<unsigned>(code_point);
    const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | (c >> shift & 0x3FU)); };
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0U | c >> 6);
        tail(0);
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0U | c >> 12);
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0U | c >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

}  // namespace sequitur::mail
