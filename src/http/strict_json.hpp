// JSON that means the same to everybody: no member twice, no NUL (PostgreSQL's text can not hold
// it), valid UTF-8, nested no deeper than 32, numbers exact to the last bit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/sequence.hpp"
#include "http/json.hpp"

namespace sequitur::http {

constexpr std::size_t json_depth_max = 32;

struct StrictJson {
    json::value value;
    std::string malformed;                  ///< why it is no JSON at all; empty: it is
    std::vector<domain::Problem> problems;  ///< members twice, NUL characters
};

StrictJson parse_strictly(std::string_view text);

/// `name` as a reference token of a JSON pointer (RFC 6901 §3), with its slash.
std::string pointer_token(std::string_view name);

}  // namespace sequitur::http
