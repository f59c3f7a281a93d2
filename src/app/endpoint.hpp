// HOST:PORT as people write it: 127.0.0.1:8080, localhost:25, [::1]:8080.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sequitur::app {

struct Endpoint {
    std::string host;
    int port = 0;
};
std::optional<Endpoint> parse_endpoint(std::string_view text);

}  // namespace sequitur::app
