// Header fields, folded and ended by CRLF (RFC 5322 §2.2), appended to a mail. Each throws std::invalid_argument where
// a value holds CR, LF or NUL: nobody writes a header field into a value.
//
// Text and names may hold any UTF-8. Addresses, ids and URIs are never encoded, and folded only between items; the
// local part of an address may be UTF-8 as it is (RFC 6532).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace sequitur::mail {

/// Subject and the like.
void append_text_field(std::string& out, std::string_view name, std::string_view value);
/// `Name <address>`, or the address alone.
void append_address_field(std::string& out, std::string_view name, std::string_view display_name,
                          std::string_view address);
/// Message ids with their brackets, one after another.
void append_ids_field(std::string& out, std::string_view name, std::span<const std::string> ids);
/// URIs, each in brackets (RFC 2369).
void append_uris_field(std::string& out, std::string_view name, std::span<const std::string_view> uris);
/// `Mon, 24 Nov 2025 06:32:03 +0530`, whatever the locale.
void append_date_field(std::string& out, TimePoint at, int zone_offset_minutes);

}  // namespace sequitur::mail
