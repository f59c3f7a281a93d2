#include "http/sequences_api.hpp"

#include <algorithm>

#include "http/json_body.hpp"
#include "http/problem.hpp"
#include "http/query.hpp"
#include "http/replies.hpp"
#include "http/sequence_json.hpp"

namespace sequitur::http {

namespace {

constexpr std::size_t mailbox_ids_max = 10'000;

Problems unknown_mailboxes(const std::vector<MailboxId>& asked, const domain::UnknownMailboxes& unknown) {
    Problems problems;
    for (std::size_t i = 0; i < asked.size(); ++i)
        if (std::ranges::find(unknown.ids, asked[i]) != unknown.ids.end())
            problems.push_back({"/mailbox_ids/" + std::to_string(i), "unknown_mailbox", "There is no such mailbox."});
    return problems;
}

}  // namespace

bool wants_representation(const Request& request) {
    return request.header("prefer").value_or("").find("return=representation") != std::string_view::npos;
}

void SequencesApi::add_to(Router& router) {
    router.add("POST", "/api/v1/sequences", [this](const Request& request) { return create(request); });
    router.add("GET", "/api/v1/sequences", [this](const Request& request) { return list(request); });
    router.add("GET", "/api/v1/sequences/{id}", [this](const Request& request) { return show(request); });
    router.add("PUT", "/api/v1/sequences/{id}/mailboxes",
               [this](const Request& request) { return set_mailboxes(request); });
    router.add("POST", "/api/v1/sequences/{id}/pause", [this](const Request& request) { return pause(request); });
    router.add("POST", "/api/v1/sequences/{id}/activate", [this](const Request& request) { return activate(request); });
}

Response SequencesApi::create(const Request& request) {
    auto body = read_json(request);
    if (body.refusal) return std::move(*body.refusal);
    const auto sequence = read_sequence(body.value, body.problems);
    Query{request, body.problems}.refuse_others();
    if (!body.problems.empty()) return validation_problem(request, std::move(body.problems));

    const auto created = sequences_.create(sequence);
    if (const auto* unknown = std::get_if<domain::UnknownMailboxes>(&created))
        return validation_problem(request, unknown_mailboxes(sequence.mailbox_ids, *unknown));
    const auto id = std::get<SequenceId>(created);
    json::object answer{{"id", id.text()}, {"name", sequence.name}, {"step_count", sequence.steps.size()}};
    const auto view = wants_representation(request) ? sequences_.find(id) : std::nullopt;
    auto response = json_response(201, view ? sequence_json(*view) : std::move(answer));
    response.headers.emplace_back("Location", "/api/v1/sequences/" + id.text());
    if (view) response.headers.emplace_back("Preference-Applied", "return=representation");
    return response;
}

Response SequencesApi::list(const Request& request) {
    const auto fetch = [this](std::optional<SequenceId> after, int limit) { return sequences_.list(after, limit); };
    return list_response<SequenceId>(request, fetch, [](const auto& sequence) { return sequence_json(sequence); });
}

Response SequencesApi::show(const Request& request) {
    const auto sequence = sequences_.find(path_id<SequenceId>(request));
    if (!sequence) return not_found(request, "sequence");
    return json_response(200, sequence_json(*sequence));
}

Response SequencesApi::set_mailboxes(const Request& request) {
    auto body = read_json(request);
    if (body.refusal) return std::move(*body.refusal);
    Fields fields{body.value, "", body.problems};
    const auto ids = fields.ids("mailbox_ids", {.presence = Presence::required, .items_max = mailbox_ids_max});
    fields.refuse_others();
    if (!body.problems.empty()) return validation_problem(request, std::move(body.problems));

    const auto id = path_id<SequenceId>(request);
    std::vector<MailboxId> wanted;
    for (const auto& uuid : *ids) wanted.push_back({uuid});
    const auto set = sequences_.set_mailboxes(id, wanted);
    if (!set) return not_found(request, "sequence");
    if (const auto* unknown = std::get_if<domain::UnknownMailboxes>(&*set))
        return problem(request, {.status = 409,
                                 .code = "unknown-mailbox",
                                 .title = "Some of the mailboxes do not exist",
                                 .detail = "Nothing was changed.",
                                 .remedy = "Create them first, or leave them out.",
                                 .errors = unknown_mailboxes(wanted, *unknown)});
    json::array attached;
    for (const auto& mailbox : std::get<std::vector<MailboxId>>(*set)) attached.emplace_back(mailbox.text());
    return json_response(200, json::object{{"id", id.text()}, {"mailbox_ids", std::move(attached)}});
}

Response SequencesApi::pause(const Request& request) {
    if (auto refusal = refuse_members(request)) return std::move(*refusal);
    const auto id = path_id<SequenceId>(request);
    const auto receipt = sequences_.pause(id);
    return receipt ? receipt_response(id.text(), *receipt) : not_found(request, "sequence");
}

Response SequencesApi::activate(const Request& request) {
    if (auto refusal = refuse_members(request)) return std::move(*refusal);
    const auto id = path_id<SequenceId>(request);
    const auto receipt = sequences_.activate(id);
    return receipt ? receipt_response(id.text(), *receipt) : not_found(request, "sequence");
}

}  // namespace sequitur::http
