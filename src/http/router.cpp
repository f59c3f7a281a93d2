#include "http/router.hpp"

#include <algorithm>
#include <set>

#include "base/log.hpp"
#include "base/match.hpp"
#include "domain/ports/store_error.hpp"
#include "http/problem.hpp"

namespace sequitur::http {

namespace {

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> segments;
    while (!path.empty()) {
        path.remove_prefix(1);
        const auto segment = path.substr(0, path.find('/'));
        segments.emplace_back(segment);
        path.remove_prefix(segment.size());
    }
    return segments;
}

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

constexpr std::string_view any_text = ":text}";

/// "{token:text}" → "{token}", as the metrics and the logs have it.
std::string shown(std::string_view pattern) {
    std::string text{pattern};
    for (auto at = text.find(any_text); at != std::string::npos; at = text.find(any_text))
        text.replace(at, any_text.size(), "}");
    return text;
}

bool fits(const Route& route, const std::vector<std::string>& path, Request& request) {
    if (route.segments.size() != path.size()) return false;
    request.path_parameters.clear();
    for (std::size_t i = 0; i < path.size(); ++i) {
        const std::string_view segment = route.segments[i];
        if (!is_parameter(segment)) {
            if (segment != path[i]) return false;
            continue;
        }
        const bool is_text = segment.ends_with(any_text);
        if (is_text ? path[i].empty() : !Uuid::parse(path[i])) return false;
        request.path_parameters.emplace(segment.substr(1, segment.size() - (is_text ? any_text.size() : 1) - 1),
                                        path[i]);
    }
    return true;
}

std::string allow_text(const std::set<std::string>& methods) {
    std::string out;
    for (const auto& method : methods) out += (out.empty() ? "" : ", ") + method;
    return out;
}

/// Runs `work`, which answers by itself; what it throws becomes an answer instead.
std::optional<Response> failure_of(const Route& route, const Request& request, auto&& work) {
    try {
        work();
        return std::nullopt;
    } catch (const domain::StoreUnavailable& error) {
        log::warn("database not available",
                  {{"request_id", request.id}, {"route", route.pattern}, {"reason", error.what()}});
        return busy(request, "The database does not answer at the moment. What was asked may or may not have happened; "
                             "asking again is safe.");
    } catch (const std::exception& error) {
        log::error("request failed", {{"request_id", request.id}, {"route", route.pattern}, {"reason", error.what()}});
        return problem(request, {.status = 500,
                                 .code = "internal",
                                 .title = "Something broke on our side",
                                 .detail = "The log has the reason under this request_id.",
                                 .remedy = "Report it with the request_id."});
    }
}

Response run(const Route& route, const Request& request) {
    Response response;
    auto failure = failure_of(route, request, [&] { response = route.handler(request); });
    return failure ? *std::move(failure) : response;
}

}  // namespace

void Router::add(std::string_view method, std::string_view pattern, Handler handler, Runs runs) {
    routes_.push_back({.method = std::string{method},
                       .pattern = shown(pattern),
                       .handler = std::move(handler),
                       .late_handler = {},
                       .runs = runs,
                       .segments = split(pattern)});
}

void Router::add_late(std::string_view method, std::string_view pattern, LateHandler handler) {
    routes_.push_back({.method = std::string{method},
                       .pattern = shown(pattern),
                       .handler = {},
                       .late_handler = std::move(handler),
                       .runs = Runs::late,
                       .segments = split(pattern)});
}

RouteMatch Router::match(Request& request) const {
    std::vector<std::string> path;
    for (const auto& segment : split(request.path)) {
        auto decoded = percent_decoded(segment, false);
        if (!decoded) return NoSuchPath{};
        path.push_back(std::move(*decoded));
    }
    const std::string wanted = request.method == "HEAD" ? "GET" : request.method;
    std::set<std::string> methods;
    std::string_view pattern;
    for (const auto& route : routes_) {
        if (!fits(route, path, request)) continue;
        if (route.method == wanted) return &route;
        methods.insert(route.method);
        pattern = route.pattern;
    }
    if (methods.empty()) return NoSuchPath{};
    if (methods.contains("GET")) methods.insert("HEAD");
    methods.insert("OPTIONS");
    return MethodNotAllowed{pattern, allow_text(methods)};
}

void answer_late(const Route& route, const Request& request, const Reply& reply) {
    const auto named = [&route, reply](Response response) {
        response.route = route.pattern;
        reply(std::move(response));
    };
    auto failure = failure_of(route, request, [&] { route.late_handler(request, named); });
    if (failure) named(*std::move(failure));
}

Response answer(const RouteMatch& match_found, const Request& request) {
    return std::visit(match{
                          [&](const Route* route) {
                              auto response = run(*route, request);
                              response.route = route->pattern;
                              return response;
                          },
                          [&](const NoSuchPath&) { return not_found(request, "path or thing: " + request.path); },
                          [&](const MethodNotAllowed& other) {
                              Response response{
                                  .status = 204, .content_type = {}, .body = {}, .headers = {}, .route = {}};
                              if (request.method != "OPTIONS")
                                  response = problem(request, {.status = 405,
                                                               .code = "method-not-allowed",
                                                               .title = "Method not allowed",
                                                               .detail = "This path answers " + other.allow + "."});
                              response.headers.emplace_back("Allow", other.allow);
                              response.route = other.pattern;
                              return response;
                          },
                      },
                      match_found);
}

}  // namespace sequitur::http
