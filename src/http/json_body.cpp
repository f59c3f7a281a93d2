#include "http/json_body.hpp"

#include <algorithm>

#include "http/problem.hpp"
#include "http/strict_json.hpp"

namespace sequitur::http {

namespace {

bool is_json(std::string_view content_type) {
    std::string type{content_type.substr(0, content_type.find(';'))};
    while (type.ends_with(' ')) type.pop_back();
    std::ranges::transform(type, type.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return type == "application/json";
}

}  // namespace

JsonBody read_json(const Request& request) {
    JsonBody body;
    if (!is_json(request.header("content-type").value_or(""))) {
        body.refusal = problem(request, {.status = 415,
                                         .code = "content-type",
                                         .title = "Not JSON",
                                         .detail = "This path takes a body of type application/json.",
                                         .remedy = "Send the header `Content-Type: application/json`."});
        return body;
    }
    auto parsed = parse_strictly(request.body);
    if (!parsed.malformed.empty()) {
        body.refusal = problem(request, {.status = 400,
                                         .code = "malformed-json",
                                         .title = "The body can not be read",
                                         .detail = std::move(parsed.malformed)});
        return body;
    }
    body.value = std::move(parsed.value);
    body.problems = std::move(parsed.problems);
    return body;
}

JsonBody read_optional_json(const Request& request) {
    if (!request.body.empty()) return read_json(request);
    JsonBody body;
    body.value.emplace_object();
    return body;
}

std::optional<Response> refuse_members(const Request& request) {
    auto body = read_optional_json(request);
    if (body.refusal) return std::move(body.refusal);
    Fields{body.value, "", body.problems}.refuse_others();
    if (body.problems.empty()) return std::nullopt;
    return validation_problem(request, std::move(body.problems));
}

}  // namespace sequitur::http
