// Requests that no handler sees: too large, too slow, malformed, or readable in two ways.
//
// Two readers of one byte stream (a proxy and we) must agree where each request ends, or one user's
// bytes become part of another's request. So everything ambiguous is refused and the connection
// closed (RFC 9112 §11.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/request.hpp"
#include "http/response.hpp"

namespace sequitur::http {

enum class Refusal {
    malformed,
    framing,  ///< the end of the body can be read in two ways
    host,
    too_slow,
    body_too_large,
    start_line_too_long,
    headers_too_large,
    content_encoding,
    transfer_encoding,
    expectation,
};

Response refused(const Request& request, Refusal refusal);

/// What is wrong with headers that parsed.
std::optional<Refusal> refusal_of_head(const Request& request, bool http_1_0);

/// Uses the client's X-Request-Id if it is 1 to 128 harmless characters.
void take_request_id(Request& request);

/// The method as a bounded label.
std::string metric_method(std::string_view method);

}  // namespace sequitur::http
