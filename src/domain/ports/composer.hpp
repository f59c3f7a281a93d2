// The composer: from the parts of one mail to its bytes. Pure: the same input gives the same bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace sequitur::domain {

struct Attachment {
    std::string file_name;
    std::string media_type;  ///< "application/pdf"
    std::string content;
};

struct MailParts {
    EmailId email;  ///< makes Message-ID and boundary
    std::string from_name;
    std::string from_address;
    std::string to_name;
    std::string to_address;
    std::string subject;
    std::string html;
    std::optional<std::string> text;      ///< replaces the text part derived from `html`
    std::optional<std::string> tracked_html;  ///< goes out as the HTML part; the text part has no trace of it
    TimePoint date;                       ///< of the first attempt
    int utc_offset_minutes = 0;
    std::vector<std::string> references;  ///< earlier Message-IDs, oldest first; empty: starts a thread
    std::string reply_to;                 ///< an ASCII address, or empty
    std::string unsubscribe_url;          ///< of List-Unsubscribe (RFC 8058), https; empty: no such header
    std::string unsubscribe_mailto;       ///< "mailto:…", beside the URL; empty: none
    std::vector<std::pair<std::string, std::string>> custom_headers;  ///< of the allow-list only
    std::vector<Attachment> attachments;
};

/// Thread-safe.
class Composer {
public:
    virtual ~Composer() = default;
    /// CRLF lines, ends in CRLF, not dot-stuffed.
    /// Throws std::invalid_argument for CR, LF or NUL in what goes into a header, for a custom header or attachments
    /// beyond their rules: a bug of whoever let it in.
    virtual std::string compose(const MailParts& parts) const = 0;
    /// The text part of a step from its HTML, both with their variables not yet filled in; nullopt where only the
    /// finished HTML can tell, which compose() then reads.
    virtual std::optional<std::string> text_source(std::string_view html_source) const = 0;
};

}  // namespace sequitur::domain
