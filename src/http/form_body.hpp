// A request's body as a form sends it: application/x-www-form-urlencoded, or multipart/form-data (RFC 7578) of which
// only the fields are read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/request.hpp"

namespace sequitur::http {

/// Ours are a few bytes long.
constexpr std::size_t form_bytes_max = 64 * 1024;

class FormBody {
public:
    /// nullopt: it is no form, or longer than any of ours. A body without a type is taken as urlencoded.
    static std::optional<FormBody> read(const Request& request);

    /// Whether the field is there with this value.
    bool has(std::string_view name, std::string_view value) const;

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace sequitur::http
