// A response as handlers make it, and its bytes on the wire (RFC 9112).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace sequitur::http {

struct Response {
    int status = 200;
    std::string content_type;  ///< empty: no body
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string route;  ///< the pattern that matched, for the metrics; empty: none did
};

Response json_response(int status, std::string body);
Response text_response(int status, std::string body);

std::string_view reason_phrase(int status);

struct WireOptions {
    bool body = true;  ///< false for HEAD: Content-Length without the body
    bool keep_alive = true;
    bool http_1_0 = false;
    std::string_view request_id;
    TimePoint now;
};
/// Header values with CR, LF or NUL are a bug of ours: asserted.
std::string wire_bytes(const Response& response, const WireOptions& options);

/// "Sun, 06 Nov 1994 08:49:37 GMT", RFC 9110 §5.6.7.
std::string http_date(TimePoint at);

}  // namespace sequitur::http
