// Header text outside ASCII as RFC 2047 encoded-words.
//
// Always UTF-8; Q where it stays readable, else B; a word holds at most 75 characters and whole
// characters only; a line with words at most 76. Q uses the set that is safe in a phrase (§5(3)).
#pragma once

#include <string>
#include <string_view>

namespace sequitur::mail {

/// The words, joined by CRLF and a blank; `first_column` characters stand before them on their first line.
std::string encoded_words(std::string_view text, std::size_t first_column);

}  // namespace sequitur::mail
