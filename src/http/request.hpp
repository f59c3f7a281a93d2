// A request as handlers see it: decoded, bounded, and without the library that read it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sequitur::http {

struct Request {
    std::string id;      ///< X-Request-Id, the client's or ours
    std::string peer;    ///< the address at the other end of the connection, without a port
    std::string method;  ///< upper case
    std::string path;    ///< as sent, without the query
    std::vector<std::pair<std::string, std::string>> query;    ///< decoded, in order
    std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
    std::string body;
    std::map<std::string, std::string, std::less<>> path_parameters;  ///< filled by the router, decoded

    /// The first header of that (lower case) name.
    std::optional<std::string_view> header(std::string_view name) const;
};

/// "%41" → "A", and "+" → " " where `plus_is_blank`; nullopt for a broken escape.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank);

/// "a=b&c=d", decoded, in order; false for a broken escape.
bool read_pairs(std::string_view text, std::vector<std::pair<std::string, std::string>>& pairs);

/// Splits "/path?a=b" (or the absolute form, RFC 9112 §3.2.2) into `path` and `query`; false if malformed.
bool set_target(Request& request, std::string_view target);

}  // namespace sequitur::http
