#include "http/form_body.hpp"

#include <algorithm>

namespace sequitur::http {

namespace {

using FormFields = std::vector<std::pair<std::string, std::string>>;

std::string lower(std::string_view text) {
    std::string out{text};
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

/// The value of `name="value"` or `name=value` among the parameters of a header; empty: there is none.
std::string parameter_of(std::string_view header, std::string_view name) {
    for (std::size_t at = header.find(';'); at != std::string_view::npos; at = header.find(';', at + 1)) {
        auto rest = header.substr(at + 1);
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
        if (rest.size() <= name.size() || rest[name.size()] != '=') continue;
        if (lower(rest.substr(0, name.size())) != name) continue;
        rest.remove_prefix(name.size() + 1);
        if (rest.starts_with('"')) return std::string{rest.substr(1, rest.find('"', 1) - 1)};
        return std::string{rest.substr(0, rest.find_first_of("; \t\r\n"))};
    }
    return {};
}

/// Header lines, an empty line, the value.
void read_part(std::string_view part, FormFields& fields) {
    const auto end = part.find("\r\n\r\n");
    if (end == std::string_view::npos) return;
    auto head = part.substr(0, end);
    while (!head.empty()) {
        const auto line = head.substr(0, head.find("\r\n"));
        head.remove_prefix(std::min(line.size() + 2, head.size()));
        if (!lower(line).starts_with("content-disposition:")) continue;
        fields.emplace_back(parameter_of(line, "name"), part.substr(end + 4));
        return;
    }
}

bool read_multipart(std::string_view body, const std::string& boundary, FormFields& fields) {
    if (boundary.empty()) return false;
    const auto mark = "--" + boundary;
    if (!body.starts_with(mark)) return false;
    const auto separator = "\r\n" + mark;
    body.remove_prefix(mark.size());
    while (body.starts_with("\r\n")) {
        const auto end = body.find(separator, 2);
        if (end == std::string_view::npos) return false;
        read_part(body.substr(2, end - 2), fields);
        body.remove_prefix(end + separator.size());
    }
    return body.starts_with("--");
}

}  // namespace

std::optional<FormBody> FormBody::read(const Request& request) {
    if (request.body.size() > form_bytes_max) return std::nullopt;
    const auto header = request.header("content-type").value_or("");
    auto type = lower(header.substr(0, header.find(';')));
    while (type.ends_with(' ')) type.pop_back();
    FormBody form;
    if (type == "multipart/form-data") {
        if (!read_multipart(request.body, parameter_of(header, "boundary"), form.fields_)) return std::nullopt;
        return form;
    }
    if (!type.empty() && type != "application/x-www-form-urlencoded") return std::nullopt;
    if (!read_pairs(request.body, form.fields_)) return std::nullopt;
    return form;
}

bool FormBody::has(std::string_view name, std::string_view value) const {
    return std::ranges::any_of(fields_,
                               [&](const auto& field) { return field.first == name && field.second == value; });
}

}  // namespace sequitur::http
