// One file as a part of a mail: base64, its name for old and new readers (RFC 2183, RFC 2231).
#pragma once

#include <string>

#include "domain/ports/composer.hpp"

namespace sequitur::mail {

/// Headers, empty line, body. The attachment has passed problem_of_attachments().
void append_attachment(std::string& message, const domain::Attachment& attachment);

}  // namespace sequitur::mail
