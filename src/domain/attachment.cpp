#include "domain/attachment.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace sequitur::domain {

namespace {

// What mail providers refuse for the same reason.
constexpr std::array<std::string_view, 40> executables{
    "ade", "adp", "apk", "appx", "bat", "cab", "chm", "cmd", "com", "cpl", "dll", "dmg", "exe", "hta",
    "ins", "iso", "isp", "jar",  "js",  "jse", "lib", "lnk", "mde", "msc", "msi", "msp", "mst", "nsh",
    "pif", "ps1", "reg", "scr",  "sct", "sh",  "sys", "vb",  "vbe", "vbs", "wsf", "wsh"};

bool is_executable(std::string_view name) {
    // Windows drops dots and blanks at the end of a name.
    while (name.ends_with('.') || name.ends_with(' ')) name.remove_suffix(1);
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos) return false;
    std::string extension{name.substr(dot + 1)};
    std::ranges::transform(extension, extension.begin(), ascii_lower);
    return std::ranges::find(executables, extension) != executables.end();
}

bool is_token(std::string_view text) {  // RFC 2045 §5.1
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view{"!#$&-^_.+"}.find(c) != std::string_view::npos;
    });
}

bool is_media_type(std::string_view text) {
    const auto slash = text.find('/');
    return text.size() <= 127 && slash != std::string_view::npos && is_token(text.substr(0, slash)) &&
           is_token(text.substr(slash + 1)) && !text.starts_with("multipart/") && !text.starts_with("message/");
}

}  // namespace

std::string attachment_name(std::string_view file_name) {
    const auto folder = file_name.find_last_of("/\\");
    if (folder != std::string_view::npos) file_name.remove_prefix(folder + 1);
    std::string name;
    for (const char c : file_name)
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) name += c;
    const bool is_nothing = name.find_first_not_of(". ") == std::string::npos;
    return is_nothing ? "attachment" : name;
}

std::optional<std::string> problem_of_attachments(std::span<const Attachment> attachments) {
    if (attachments.size() > attachments_max) return "a mail may have at most 10 attachments";
    std::size_t bytes = 0;
    for (const auto& attachment : attachments) {
        const auto name = attachment_name(attachment.file_name);
        bytes += attachment.content.size();
        if (name.size() > attachment_name_bytes_max) return "the name of an attachment may have at most 200 bytes";
        if (is_executable(name)) return "'" + name + "' is a program, which mail servers refuse; send a link instead";
        if (!is_media_type(attachment.media_type))
            return "the type of '" + name + "' is none of a file; write it as in application/pdf";
    }
    if (bytes > attachments_bytes_max) return "the attachments of a mail may have at most 10 MiB together";
    return std::nullopt;
}

}  // namespace sequitur::domain
