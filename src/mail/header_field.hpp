// Header fields, folded and ended by CRLF (RFC 5322 §2.2). Each throws std::invalid_argument where a
// value holds CR, LF or NUL: nobody writes a header field into a value.
//
// Text and names may hold any UTF-8; addresses and ids are never encoded, and folded only between items.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace sequitur::mail {

/// Subject and the like.
std::string text_field(std::string_view name, std::string_view value);
/// `Name <address>`, or the address alone.
std::string address_field(std::string_view name, std::string_view display_name, std::string_view address);
/// Message ids with their brackets, one after another.
std::string ids_field(std::string_view name, std::span<const std::string> ids);
/// `Mon, 24 Nov 2025 06:32:03 +0530`, whatever the locale.
std::string date_field(TimePoint at, int zone_offset_minutes);

}  // namespace sequitur::mail
