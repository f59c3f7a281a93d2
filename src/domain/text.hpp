// Small rules about text that people type: how long it is to them, and what must not be in it.
#pragma once

#include <algorithm>
#include <string_view>

namespace sequitur::domain {

/// Code points of valid UTF-8: what varchar(n) counts.
constexpr std::size_t chars(std::string_view utf8) {
    return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) { return (c & 0xC0) != 0x80; }));
}

/// C0, DEL or C1: a line break in a name becomes a header of the mail.
constexpr bool has_control_characters(std::string_view utf8) {
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto byte = static_cast<unsigned char>(utf8[i]);
        if (byte < 0x20 || byte == 0x7F) return true;
        const auto next = i + 1 < utf8.size() ? static_cast<unsigned char>(utf8[i + 1]) : 0xFF;
        if (byte == 0xC2 && next < 0xA0) return true;
    }
    return false;
}

constexpr bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace sequitur::domain
