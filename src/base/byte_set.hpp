// A set of bytes, made at compile time. std::string_view::find_first_of asks for every byte whether it is in a
// string; where each mail is read several times over, a table is what makes the reading free. Keep it `static
// constexpr`: a local one is filled anew at every call.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace sequitur {

class ByteSet {
public:
    constexpr explicit ByteSet(std::string_view bytes) {
        for (const char byte : bytes) has_[static_cast<unsigned char>(byte)] = true;
    }
    /// All bytes for which `is_member(char)` holds.
    template <class Predicate> constexpr static ByteSet of(Predicate is_member) {
        ByteSet set{{}};
        for (std::size_t byte = 0; byte < set.has_.size(); ++byte) set.has_[byte] = is_member(static_cast<char>(byte));
        return set;
    }

    constexpr bool has(char byte) const { return has_[static_cast<unsigned char>(byte)]; }
    /// How many bytes at the start of `text` are in the set.
    constexpr std::size_t run_within(std::string_view text) const {
        std::size_t at = 0;
        while (at < text.size() && has(text[at])) ++at;
        return at;
    }
    /// How many bytes at the start of `text` are not.
    constexpr std::size_t run_without(std::string_view text) const {
        std::size_t at = 0;
        while (at < text.size() && !has(text[at])) ++at;
        return at;
    }

private:
    std::array<bool, 256> has_{};
};

}  // namespace sequitur
