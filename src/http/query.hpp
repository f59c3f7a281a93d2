// Reads query parameters as Fields reads members: by name and rule, unknown and repeated ones refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "domain/sequence.hpp"
#include "http/presence.hpp"
#include "http/request.hpp"

namespace sequitur::http {

constexpr int page_items_default = 50;
constexpr int page_items_max = 200;

class Query {
public:
    Query(const Request& request, std::vector<domain::Problem>& problems) : request_(request), problems_(problems) {}

    std::optional<Uuid> id(std::string_view name);
    std::optional<std::string> choice(std::string_view name, const std::vector<std::string_view>& words);
    /// Not blank, one line.
    std::optional<std::string> text(std::string_view name, std::size_t chars_max);
    /// An email address, normalised.
    std::optional<std::string> address(std::string_view name, Presence presence = Presence::optional);
    /// `limit`: items of a page.
    int limit();
    void refuse_others();

private:
    std::optional<std::string_view> find(std::string_view name);
    void problem(std::string_view name, std::string code, std::string detail);

    const Request& request_;
    std::vector<domain::Problem>& problems_;
    std::vector<std::string_view> known_;
};

}  // namespace sequitur::http
