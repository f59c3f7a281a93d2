// What may be attached to a mail: ten files, 10 MiB together, nothing that runs when it is opened.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "domain/ports/composer.hpp"

namespace sequitur::domain {

constexpr std::size_t attachments_max = 10;
constexpr std::size_t attachments_bytes_max = std::size_t{10} * 1024 * 1024;  // before base64
constexpr std::size_t attachment_name_bytes_max = 200;

/// Without folders and control characters; "attachment" if nothing is left.
std::string attachment_name(std::string_view file_name);

/// Why they can not be sent, and what to do about it; nullopt: they can.
std::optional<std::string> problem_of_attachments(std::span<const Attachment> attachments);

}  // namespace sequitur::domain
