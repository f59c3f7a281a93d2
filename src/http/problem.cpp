#include "http/problem.hpp"

#include "base/log.hpp"

namespace sequitur::http {

namespace {

/// Writes one JSON object; empty values are left out.
class Members {
public:
    void text(std::string_view name, std::string_view value) {
        if (!value.empty()) raw(name, log::json_quote(value));
    }
    void raw(std::string_view name, std::string_view json) {
        out_.append(out_.empty() ? "{" : ",").append(log::json_quote(name)).append(":").append(json);
    }
    std::string done() const { return out_.empty() ? "{}" : out_ + '}'; }

private:
    std::string out_;
};

std::string error_json(const domain::Problem& error) {
    Members members;
    if (error.pointer.starts_with('?'))
        members.text("parameter", error.pointer.substr(1));
    else
        members.raw("pointer", log::json_quote(error.pointer));
    members.text("code", error.code);
    members.text("detail", error.detail);
    return members.done();
}

std::string errors_json(const std::vector<domain::Problem>& errors) {
    std::string out = "[";
    for (std::size_t i = 0; i < errors.size() && i < errors_listed_max; ++i)
        out += (i == 0 ? "" : ",") + error_json(errors[i]);
    return out + ']';
}

}  // namespace

Response problem(const Request& request, const ProblemDetails& details) {
    Members members;
    members.text("type", "/problems/" + details.code);
    members.text("title", details.title);
    members.raw("status", std::to_string(details.status));
    members.text("detail", details.detail);
    members.text("instance", request.path);
    members.text("code", details.code);
    members.text("request_id", request.id);
    members.text("remedy", details.remedy);
    if (!details.errors.empty()) members.raw("errors", errors_json(details.errors));
    return {.status = details.status,
            .content_type = "application/problem+json",
            .body = members.done(),
            .headers = {},
            .route = {}};
}

Response validation_problem(const Request& request, std::vector<domain::Problem> errors) {
    std::string detail =
        errors.size() == 1 ? errors.front().detail : std::to_string(errors.size()) + " things are wrong; see `errors`.";
    if (errors.size() > errors_listed_max) detail += " The first " + std::to_string(errors_listed_max) + " are listed.";
    return problem(request, {.status = 422,
                             .code = "validation",
                             .title = "The request has values that can not be used",
                             .detail = std::move(detail),
                             .remedy = "Correct what `errors` names and send the request again; nothing was changed.",
                             .errors = std::move(errors)});
}

Response not_found(const Request& request, std::string_view what) {
    return problem(request, {.status = 404,
                             .code = "not-found",
                             .title = "Not found",
                             .detail = "There is no such " + std::string{what} + "."});
}

Response busy(const Request& request, std::string detail) {
    auto response = problem(request, {.status = 503,
                                      .code = "unavailable",
                                      .title = "Not available at the moment",
                                      .detail = std::move(detail),
                                      .remedy = "Send the same request again after the time in Retry-After."});
    response.headers.emplace_back("Retry-After", "2");
    return response;
}

}  // namespace sequitur::http
