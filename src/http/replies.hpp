// Answers that several resources share: receipts of stop acts, pages of lists, times.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "domain/ports/stop_acts.hpp"
#include "http/json.hpp"
#include "http/problem.hpp"
#include "http/query.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace sequitur::http {

Response json_response(int status, const json::value& body);

/// {"held",…,"already_leaving":[ids]}
json::object receipt_json(const domain::StopReceipt& receipt);
/// 200 {"id","status","receipt":{"held",…,"already_leaving":[ids]}}.
Response receipt_response(const std::string& id, const domain::StopReceipt& receipt);
Response receipt_response(const std::string& id, const domain::ResumeReceipt& receipt);

/// 200 {"items","next_cursor"}, with a Link to the next page where there is one.
Response page_response(const Request& request, json::array items, const std::optional<std::string>& next_cursor);

json::value time_json(TimePoint at);
json::value time_json(const std::optional<TimePoint>& at);
json::value text_json(const std::optional<std::string>& text);
/// (status, how many) as an object.
json::object counts_json(const std::vector<std::pair<std::string, std::int64_t>>& counts);

/// One more than a page was asked for: cuts it off and tells the cursor, the id of the last item.
template <class View> std::optional<std::string> cut_page(std::vector<View>& views, int limit) {
    if (views.size() <= static_cast<std::size_t>(limit)) return std::nullopt;
    views.resize(static_cast<std::size_t>(limit));
    return views.back().id.text();
}

/// A page of everything of one kind, by `limit` and `cursor`. `fetch(after, limit)` reads, `to_json` shows one.
template <class Id> Response list_response(const Request& request, const auto& fetch, const auto& to_json) {
    std::vector<domain::Problem> problems;
    Query query{request, problems};
    const int limit = query.limit();
    const auto after = query.id("cursor");
    query.refuse_others();
    if (!problems.empty()) return validation_problem(request, std::move(problems));

    auto views = fetch(after ? std::optional{Id{*after}} : std::nullopt, limit + 1);
    const auto next = cut_page(views, limit);
    json::array items;
    for (const auto& view : views) items.emplace_back(to_json(view));
    return page_response(request, std::move(items), next);
}

}  // namespace sequitur::http
