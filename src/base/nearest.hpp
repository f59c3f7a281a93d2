// "Did you mean …?": the known word with the smallest edit distance to a wrong one.
#pragma once

#include <span>
#include <string_view>

namespace sequitur {

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest of `words`; empty if none is near enough to be meant (a third of its length, at least two edits).
std::string_view nearest(std::string_view word, std::span<const std::string_view> words);

}  // namespace sequitur
