#include "http/contact_book_api.hpp"

#include "http/contact_json.hpp"
#include "http/json_body.hpp"
#include "http/problem.hpp"
#include "http/query.hpp"
#include "http/replies.hpp"

namespace sequitur::http {

void ContactBookApi::add_to(Router& router) {
    router.add("GET", "/api/v1/contacts", [this](const Request& request) { return list(request); });
    router.add("GET", "/api/v1/contacts/{id}", [this](const Request& request) { return show(request); });
    router.add("PATCH", "/api/v1/contacts/{id}", [this](const Request& request) { return patch(request); });
    router.add("DELETE", "/api/v1/contacts/{id}", [this](const Request& request) { return remove(request); });
}

Response ContactBookApi::list(const Request& request) {
    Problems problems;
    Query query{request, problems};
    const auto email = query.address("email");
    const int limit = query.limit();
    const auto after = query.id("cursor");
    query.refuse_others();
    if (!problems.empty()) return validation_problem(request, std::move(problems));

    auto views = book_.list(email, after ? std::optional{ContactId{*after}} : std::nullopt, limit + 1);
    const auto next = cut_page(views, limit);
    json::array items;
    for (const auto& view : views) items.emplace_back(contact_json(view));
    return page_response(request, std::move(items), next);
}

Response ContactBookApi::show(const Request& request) {
    const auto found = book_.find(path_id<ContactId>(request));
    return found ? json_response(200, contact_json(*found)) : not_found(request, "contact");
}

Response ContactBookApi::patch(const Request& request) {
    auto body = read_json(request);
    if (body.refusal) return std::move(*body.refusal);
    const auto changes = read_contact_patch(body.value, body.problems);
    Query{request, body.problems}.refuse_others();
    if (!body.problems.empty()) return validation_problem(request, std::move(body.problems));

    const auto patched = book_.patch(path_id<ContactId>(request), changes);
    return patched ? json_response(200, contact_json(*patched)) : not_found(request, "contact");
}

Response ContactBookApi::remove(const Request& request) {
    Problems problems;
    Query query{request, problems};
    const bool erase = query.choice("erase", {"true", "false"}) == "true";
    query.refuse_others();
    if (!problems.empty()) return validation_problem(request, std::move(problems));

    using Removal = domain::ContactBook::Removal;
    const auto id = path_id<ContactId>(request);
    const auto receipt = book_.remove(id, erase ? Removal::erased : Removal::deleted);
    return receipt ? receipt_response(id.text(), *receipt) : not_found(request, "contact");
}

}  // namespace sequitur::http
