// A request's body as JSON, or the answer that says why it is none.
#pragma once

#include <optional>

#include "http/fields.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace sequitur::http {

struct JsonBody {
    json::value value;
    Problems problems;                ///< what is wrong already: members twice, NUL characters
    std::optional<Response> refusal;  ///< 400 or 415: nothing else makes sense
};

JsonBody read_json(const Request& request);
/// For bodies that may be left out: nothing at all is an empty object.
JsonBody read_optional_json(const Request& request);

/// For bodies without any member.
std::optional<Response> refuse_members(const Request& request);

}  // namespace sequitur::http
