// The router: which handler answers a method and path.
//
// A pattern is literal segments and parameters in braces: "/api/v1/sequences/{id}/contacts". Every
// parameter is a UUID: another text there names nothing that exists, so the path does not match.
// HEAD is answered by GET's handler and OPTIONS by the router. Filled before the server starts,
// read-only afterwards.
#pragma once

#include <cassert>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace sequitur::http {

using Handler = std::function<Response(const Request&)>;

/// Where a handler runs. `at_once` is for the few that touch nothing that can wait or be busy.
enum class Runs { on_the_pool, at_once };

struct Route {
    std::string method;
    std::string pattern;
    Handler handler;
    Runs runs = Runs::on_the_pool;
    std::vector<std::string> segments;
};

struct NoSuchPath {};
struct MethodNotAllowed {
    std::string_view pattern;
    std::string allow;  ///< "GET, HEAD, OPTIONS, POST"
};
using RouteMatch = std::variant<const Route*, NoSuchPath, MethodNotAllowed>;

class Router {
public:
    void add(std::string_view method, std::string_view pattern, Handler handler, Runs runs = Runs::on_the_pool);

    /// Also fills request.path_parameters.
    RouteMatch match(Request& request) const;

private:
    std::vector<Route> routes_;
};

/// Runs the handler; what is not found, not allowed, or thrown becomes a problem. The HTTP boundary:
/// the one place here that catches exceptions. Response::route is set.
Response answer(const RouteMatch& match, const Request& request);

/// The parameter `name` of the pattern.
template <class IdType> IdType path_id(const Request& request, std::string_view name = "id") {
    const auto found = request.path_parameters.find(name);
    assert(found != request.path_parameters.end());
    return *IdType::parse(found->second);
}

}  // namespace sequitur::http
