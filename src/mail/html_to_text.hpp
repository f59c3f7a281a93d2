// The text part of a mail that has only HTML: what a person would read of it, in linear time.
#pragma once

#include <string>
#include <string_view>

namespace sequitur::mail {

/// UTF-8, lines ended by LF, not wrapped. Links become `text (address)`, images their `alt`.
std::string html_to_text(std::string_view html);

}  // namespace sequitur::mail
