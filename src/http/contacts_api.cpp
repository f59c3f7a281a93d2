#include "http/contacts_api.hpp"

#include <algorithm>

#include "base/match.hpp"
#include "http/contact_json.hpp"
#include "http/json_body.hpp"
#include "http/problem.hpp"
#include "http/query.hpp"
#include "http/replies.hpp"

namespace sequitur::http {

namespace {

json::array skipped_json(const std::vector<domain::Skipped>& skipped) {
    json::array out;
    for (std::size_t i = 0; i < skipped.size() && i < domain::skipped_listed_max; ++i)
        out.emplace_back(json::object{{"index", skipped[i].index},
                                      {"email", skipped[i].email},
                                      {"code", skipped[i].code},
                                      {"detail", skipped[i].detail}});
    return out;
}

Response too_many(const Request& request, std::size_t count) {
    const auto limit = std::to_string(domain::enrol_contacts_max);
    return problem(request, {.status = 413,
                             .code = "too-many-contacts",
                             .title = "Too many contacts in one request",
                             .detail = "A request takes at most " + limit + " contacts, not " + std::to_string(count) +
                                       ". Nobody was added.",
                             .remedy = "Split the list into requests of " + limit + " contacts.",
                             .errors = {{"/contacts", "too_many", "At most " + limit + "."}}});
}

Response aborted(const Request& request, const std::vector<domain::Skipped>& skipped) {
    Problems problems;
    for (const auto& one : skipped)
        problems.push_back({"/contacts/" + std::to_string(one.index), one.code, one.detail});
    return validation_problem(request, std::move(problems));
}

Response not_active(const Request& request, const std::string& status) {
    return problem(request, {.status = 409,
                             .code = "sequence-not-active",
                             .title = "The sequence takes nobody in",
                             .detail = "The sequence is " + status + ". Nobody was added.",
                             .remedy = "Activate it first: POST /api/v1/sequences/{id}/activate."});
}

Response added(const domain::Enrolled& enrolled, const std::vector<domain::Skipped>& skipped) {
    json::object body{{"contacts_added", enrolled.contacts_added}};
    if (!skipped.empty()) {
        body["contacts_skipped"] = skipped.size();
        body["skipped"] = skipped_json(skipped);
    }
    return json_response(201, body);
}

}  // namespace

void ContactsApi::add_to(Router& router) {
    router.add("POST", "/api/v1/sequences/{id}/contacts", [this](const Request& request) { return add(request); });
}

Response ContactsApi::add(const Request& request) {
    auto body = read_json(request);
    if (body.refusal) return std::move(*body.refusal);
    Query query{request, body.problems};
    const bool abort = query.choice("on_error", {"skip", "abort"}) == "abort";
    query.refuse_others();
    Fields fields{body.value, "", body.problems};
    const auto* items = fields.list("contacts", {.presence = Presence::required});
    fields.refuse_others();
    if (items && items->size() > domain::enrol_contacts_max) return too_many(request, items->size());
    if (items && items->empty()) fields.problem("contacts", "empty", "`contacts` must have at least one contact.");
    std::vector<domain::NewContact> contacts;
    for (std::size_t i = 0; items && i < items->size(); ++i)
        contacts.push_back(read_contact((*items)[i], "/contacts/" + std::to_string(i), body.problems));
    if (!body.problems.empty()) return validation_problem(request, std::move(body.problems));

    auto sifted = domain::sift(contacts);
    auto& skipped = sifted.skipped;
    // With `abort`, somebody left out already means that nobody is written; but a sequence that is
    // missing or not active is told before.
    const bool writes_nothing = abort && !skipped.empty();
    const auto outcome = contacts_.enrol(path_id<SequenceId>(request),
                                         writes_nothing ? std::vector<domain::Candidate>{} : sifted.candidates, abort);
    return std::visit(match{
                          [&](const domain::NoSuchSequence&) { return not_found(request, "sequence"); },
                          [&](const domain::SequenceNotActive& other) { return not_active(request, other.status); },
                          [&](const domain::Enrolled& enrolled) {
                              skipped.insert(skipped.end(), enrolled.skipped.begin(), enrolled.skipped.end());
                              std::ranges::stable_sort(skipped, {}, &domain::Skipped::index);
                              return abort && !skipped.empty() ? aborted(request, skipped) : added(enrolled, skipped);
                          },
                      },
                      outcome);
}

}  // namespace sequitur::http
