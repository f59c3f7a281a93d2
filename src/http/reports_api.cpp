#include "http/reports_api.hpp"

#include "http/query.hpp"
#include "http/replies.hpp"

namespace sequitur::http {

namespace {

constexpr int links_listed_max = 1'000;

json::object link_json(const domain::LinkClicks& clicks) {
    return {{"step_order", clicks.step_order},
            {"link", clicks.link},
            {"url", clicks.url},
            {"clicks", {{"human", clicks.human}, {"proxy", clicks.proxy}, {"machine", clicks.machine}}},
            {"people", clicks.people}};
}

const json::object definitions{{"link", "The link's place among the links of its step, from 0."},
                               {"human", "Clicks that look like a person's."},
                               {"machine", "Clicks of scanners and programs; the event of each has the reason."},
                               {"people", "People with at least one human click on this link and target."}};

}  // namespace

void ReportsApi::add_to(Router& router) {
    router.add("GET", "/api/v1/reports/links", [this](const Request& request) { return links(request); });
}

Response ReportsApi::links(const Request& request) {
    std::vector<domain::Problem> problems;
    Query query{request, problems};
    const auto sequence = query.id("sequence_id");
    query.refuse_others();
    if (!sequence && problems.empty())
        problems.push_back({"?sequence_id", "required", "`sequence_id` says whose links are counted."});
    if (!problems.empty()) return validation_problem(request, std::move(problems));
    const auto found = reports_.links(SequenceId{*sequence}, links_listed_max);
    if (!found) return not_found(request, "sequence");
    json::array items;
    for (const auto& clicks : *found) items.emplace_back(link_json(clicks));
    return json_response(200, json::object{{"items", std::move(items)}, {"definitions", definitions}});
}

}  // namespace sequitur::http
