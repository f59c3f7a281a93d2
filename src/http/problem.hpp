// Errors as RFC 9457 problem+json: every problem of a request at once, with what to do about it.
//
// `code` is for programs and never changes; `detail` and `remedy` are for people. `errors` name the
// place by JSON pointer (RFC 6901); a pointer that starts with '?' is a query parameter and is
// written as `parameter`.
#pragma once

#include <string>
#include <vector>

#include "domain/sequence.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace sequitur::http {

/// Listed of one request; the detail tells how many there are.
constexpr std::size_t errors_listed_max = 1'000;

struct ProblemDetails {
    int status = 500;
    std::string code;  ///< words with hyphens: "sequence-not-active"
    std::string title;
    std::string detail{};
    std::string remedy{};
    std::vector<domain::Problem> errors{};
};

Response problem(const Request& request, const ProblemDetails& details);

/// 422 with everything that is wrong.
Response validation_problem(const Request& request, std::vector<domain::Problem> errors);
/// 404; `what` is the thing: "sequence".
Response not_found(const Request& request, std::string_view what);
/// 503 that asks to come back in a moment.
Response busy(const Request& request, std::string detail);

}  // namespace sequitur::http
