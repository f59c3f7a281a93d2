#include "http/suppressions_api.hpp"

#include "http/json_body.hpp"
#include "http/problem.hpp"
#include "http/query.hpp"
#include "http/replies.hpp"

namespace sequitur::http {

namespace {

constexpr std::size_t why_chars_max = 255;

std::vector<std::string_view> reasons() {
    return {domain::suppression_reasons.begin(), domain::suppression_reasons.end()};
}

json::object suppression_json(const domain::SuppressionView& suppression) {
    return {{"id", suppression.id.text()},
            {"kind", suppression.kind},
            {"value", suppression.value},
            {"reason", suppression.reason},
            {"note", text_json(suppression.note)},
            {"email_id", suppression.email ? json::value(suppression.email->text()) : json::value{}},
            {"created_at", time_json(suppression.created_at)}};
}

domain::NewSuppression read_suppression(const json::value& value, const std::string& pointer, Problems& problems) {
    Fields fields{value, pointer, problems};
    domain::NewSuppression entry;
    if (const auto text = fields.text("value", {.presence = Presence::required})) {
        auto parsed = domain::parse_suppressed(*text);
        if (auto* suppressed = std::get_if<domain::Suppressed>(&parsed))
            entry.what = std::move(*suppressed);
        else
            fields.problem(
                "value", "invalid_value",
                "`value` must be an address or a domain: " + std::get<domain::AddressProblem>(parsed).message + ".");
    }
    entry.reason = fields.choice("reason", reasons()).value_or("manual");
    entry.note = fields.text("note", {.chars_max = domain::suppression_note_chars_max});
    fields.refuse_others();
    return entry;
}

/// One entry, or a list of them.
std::vector<domain::NewSuppression> read_suppressions(const json::value& body, Problems& problems) {
    const auto* list = body.if_array();
    if (!list) return {read_suppression(body, "", problems)};
    if (list->empty()) problems.push_back({"", "empty", "The list must have at least one entry."});
    std::vector<domain::NewSuppression> entries;
    for (std::size_t i = 0; i < list->size(); ++i)
        entries.push_back(read_suppression((*list)[i], "/" + std::to_string(i), problems));
    return entries;
}

Response too_many(const Request& request, std::size_t count) {
    const auto limit = std::to_string(domain::suppressions_added_max);
    return problem(request, {.status = 413,
                             .code = "too-many-suppressions",
                             .title = "Too many entries in one request",
                             .detail = "A request takes at most " + limit + " entries, not " + std::to_string(count) +
                                       ". Nothing was added.",
                             .remedy = "Split the list: what is on it already is skipped."});
}

Response needs_force(const Request& request) {
    return problem(request, {.status = 409,
                             .code = "suppression-protected",
                             .title = "This entry is what a person asked for",
                             .detail = "An opt-out, a complaint or an erasure is not removed by mistake.",
                             .remedy = "Send the request again with ?force=true, or with ?reason= and why it may go."});
}

}  // namespace

void SuppressionsApi::add_to(Router& router) {
    router.add("POST", "/api/v1/suppressions", [this](const Request& request) { return add(request); });
    router.add("GET", "/api/v1/suppressions", [this](const Request& request) { return list(request); });
    router.add("GET", "/api/v1/suppressions/check", [this](const Request& request) { return check(request); });
    router.add("GET", "/api/v1/suppressions/{id}", [this](const Request& request) { return show(request); });
    router.add("DELETE", "/api/v1/suppressions/{id}", [this](const Request& request) { return remove(request); });
}

Response SuppressionsApi::add(const Request& request) {
    auto body = read_json(request);
    if (body.refusal) return std::move(*body.refusal);
    if (const auto* list = body.value.if_array(); list && list->size() > domain::suppressions_added_max)
        return too_many(request, list->size());
    const auto entries = read_suppressions(body.value, body.problems);
    Query{request, body.problems}.refuse_others();
    if (!body.problems.empty()) return validation_problem(request, std::move(body.problems));

    const auto added = suppressions_.add(entries);
    return json_response(
        201,
        json::object{{"added", added.added}, {"skipped", added.skipped}, {"receipt", receipt_json(added.receipt)}});
}

Response SuppressionsApi::list(const Request& request) {
    Problems problems;
    Query query{request, problems};
    const auto reason = query.choice("reason", reasons());
    const int limit = query.limit();
    const auto after = query.id("cursor");
    query.refuse_others();
    if (!problems.empty()) return validation_problem(request, std::move(problems));

    auto views = suppressions_.list(reason, after ? std::optional{SuppressionId{*after}} : std::nullopt, limit + 1);
    const auto next = cut_page(views, limit);
    json::array items;
    for (const auto& view : views) items.emplace_back(suppression_json(view));
    return page_response(request, std::move(items), next);
}

Response SuppressionsApi::show(const Request& request) {
    const auto found = suppressions_.find(path_id<SuppressionId>(request));
    return found ? json_response(200, suppression_json(*found)) : not_found(request, "suppression");
}

Response SuppressionsApi::check(const Request& request) {
    Problems problems;
    Query query{request, problems};
    const auto address = query.address("email", Presence::required);
    query.refuse_others();
    if (!problems.empty()) return validation_problem(request, std::move(problems));

    const auto by = suppressions_.check(*address);
    return json_response(
        200, json::object{{"suppressed", by.has_value()}, {"by", by ? suppression_json(*by) : json::value{}}});
}

Response SuppressionsApi::remove(const Request& request) {
    Problems problems;
    Query query{request, problems};
    const bool force = query.choice("force", {"true", "false"}) == "true";
    const auto why = query.text("reason", why_chars_max);
    query.refuse_others();
    if (!problems.empty()) return validation_problem(request, std::move(problems));

    using Removed = domain::Suppressions::Removed;
    switch (suppressions_.remove(path_id<SuppressionId>(request), force || why.has_value(), why)) {
        case Removed::no_such: return not_found(request, "suppression");
        case Removed::needs_force: return needs_force(request);
        case Removed::gone: break;
    }
    return {.status = 204, .content_type = {}, .body = {}, .headers = {}, .route = {}};
}

}  // namespace sequitur::http
