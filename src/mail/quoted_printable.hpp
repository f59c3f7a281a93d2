// Body text as it may travel: lines of at most 76 characters, ASCII only, nothing that a relay would
// change (RFC 2045 §6).
#pragma once

#include <string>
#include <string_view>

namespace sequitur::mail {

/// CRLF, lone LF and lone CR each end a line; NULs are dropped; the last line is ended.
std::string with_crlf(std::string_view text);

/// Takes lines with any end, without NULs. Also hides what mail software may touch at the start of a line: `From ` and
/// `.`.
std::string quoted_printable(std::string_view text);

struct EncodedBody {
    std::string_view encoding;  ///< for Content-Transfer-Encoding
    std::string bytes;          ///< ends in CRLF
};
/// 7bit for short plain ASCII lines, quoted-printable while most characters are ASCII, else base64.
EncodedBody encode_body(std::string_view text);

}  // namespace sequitur::mail
