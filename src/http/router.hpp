// The router: which handler answers a method and path.
//
// A pattern is literal segments and parameters in braces: "/api/v1/sequences/{id}/contacts". A parameter is a UUID:
// another text there names nothing that exists, so the path does not match. "{token:text}" is any text but none.
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
/// Calls the second argument once, from any thread, now or later; the request lives until then. Must not wait.
using Reply = std::function<void(Response)>;
using LateHandler = std::function<void(const Request&, Reply)>;

/// Where a handler runs. `at_once` is for the few that touch nothing that can wait or be busy, `late` for those whose
/// answer comes by itself.
enum class Runs { on_the_pool, at_once, late };

struct Route {
    std::string method;
    std::string pattern;
    Handler handler;
    LateHandler late_handler;  ///< where `runs` is late
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

    void add_late(std::string_view method, std::string_view pattern, LateHandler handler);

    /// Also fills request.path_parameters.
    RouteMatch match(Request& request) const;

private:
    std::vector<Route> routes_;
};

/// Runs the handler; what is not found, not allowed, or thrown becomes a problem. The HTTP boundary:
/// the one place here that catches exceptions. Response::route is set.
Response answer(const RouteMatch& match, const Request& request);
/// The same for a route that runs late.
void answer_late(const Route& route, const Request& request, const Reply& reply);

/// The parameter `name` of the pattern, a UUID.
template <class IdType> IdType path_id(const Request& request, std::string_view name = "id") {
    const auto found = request.path_parameters.find(name);
    assert(found != request.path_parameters.end());
    return *IdType::parse(found->second);
}

}  // namespace sequitur::http
