// Letters of ASCII, whatever the locale: names of HTML, headers and the like know no others.
#pragma once

namespace sequitur {

constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace sequitur
