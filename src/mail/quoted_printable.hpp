// Body text as it may travel: lines of at most 76 characters, ASCII only, nothing that a relay would
// change (RFC 2045 §6).
#pragma once

#include <string>
#include <string_view>

namespace sequitur::mail {

/// CRLF, lone LF and lone CR each end a line; NULs are dropped; the last line is ended.
std::string with_crlf(std::string_view text);

/// In lines of 76, each ended.
void append_base64_lines(std::string& out, std::string_view bytes);

/// Takes lines with any end, without NULs. Also hides what mail software may touch at the start of a line: `From ` and
/// `.`.
std::string quoted_printable(std::string_view text);

/// A text as a body: 7bit for short plain ASCII lines, quoted-printable while most characters are ASCII, else base64.
class EncodedBody {
public:
    /// Borrows `text`.
    explicit EncodedBody(std::string_view text);
    EncodedBody(const EncodedBody&) = delete;
    EncodedBody& operator=(const EncodedBody&) = delete;

    /// For Content-Transfer-Encoding.
    std::string_view encoding() const;
    /// What ends in CRLF.
    void append_to(std::string& message) const;

private:
    enum class Form { seven_bit, quoted_printable, base64 };

    std::string well_formed_;  ///< empty where the text is as it stands
    std::string_view text_;
    Form form_ = Form::seven_bit;
};

}  // namespace sequitur::mail
