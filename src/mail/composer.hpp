// The composer: the bytes of one mail (RFC 5322, 2045–2047). The same parts give the same bytes, so a
// second try is byte for byte the first one.
//
// multipart/alternative, text first; the text is derived from the HTML if none is given; with attachments, both within
// multipart/mixed. Nothing but ASCII (a local part of an address may be UTF-8), no line above 998, no bare CR or LF,
// whatever the input; a line break in what goes into a header throws.
#pragma once

#include "domain/ports/composer.hpp"

namespace sequitur::mail {

/// `<sequitur.{32 hex}@{domain}>`: known before the mail is sent, the same on every try.
std::string message_id_of(const EmailId& email, std::string_view domain);

class MimeComposer final : public domain::Composer {
public:
    std::string compose(const domain::MailParts& parts) const override;
    std::optional<std::string> text_source(std::string_view html_source) const override;
};

}  // namespace sequitur::mail
