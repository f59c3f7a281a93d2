#include "http/mailboxes_api.hpp"

#include "base/match.hpp"
#include "http/json_body.hpp"
#include "http/mailbox_json.hpp"
#include "http/problem.hpp"
#include "http/query.hpp"
#include "http/replies.hpp"

namespace sequitur::http {

namespace {

constexpr std::size_t reason_chars_max = 255;

Response unknown_timezone(const Request& request) {
    return validation_problem(request, {{"/timezone", "unknown_timezone",
                                         "`timezone` must be a name of the IANA list, as `Europe/Berlin`."}});
}

Response email_taken(const Request& request, const std::string& email) {
    return problem(request, {.status = 409,
                             .code = "email-exists",
                             .title = "There is such a mailbox already",
                             .detail = "A mailbox with the address " + email + " exists.",
                             .remedy = "Change that one with PATCH /api/v1/mailboxes/{id}.",
                             .errors = {{"/email", "email_exists", "The address is taken."}}});
}

}  // namespace

void MailboxesApi::add_to(Router& router) {
    router.add("POST", "/api/v1/mailboxes", [this](const Request& request) { return create(request); });
    router.add("GET", "/api/v1/mailboxes", [this](const Request& request) { return list(request); });
    router.add("GET", "/api/v1/mailboxes/{id}", [this](const Request& request) { return show(request); });
    router.add("PATCH", "/api/v1/mailboxes/{id}", [this](const Request& request) { return patch(request); });
    router.add("POST", "/api/v1/mailboxes/{id}/pause", [this](const Request& request) { return pause(request); });
    router.add("POST", "/api/v1/mailboxes/{id}/resume", [this](const Request& request) { return resume(request); });
}

Response MailboxesApi::create(const Request& request) {
    auto body = read_json(request);
    if (body.refusal) return std::move(*body.refusal);
    const auto mailbox = read_mailbox(body.value, plaintext_hosts_, body.problems);
    Query{request, body.problems}.refuse_others();
    if (!body.problems.empty()) return validation_problem(request, std::move(body.problems));

    return std::visit(match{
                          [&](const domain::MailboxView& view) {
                              auto response = json_response(201, mailbox_json(view, links_));
                              response.headers.emplace_back("Location", "/api/v1/mailboxes/" + view.id.text());
                              return response;
                          },
                          [&](const domain::EmailTaken&) { return email_taken(request, mailbox.email); },
                          [&](const domain::UnknownTimezone&) { return unknown_timezone(request); },
                      },
                      mailboxes_.create(mailbox));
}

Response MailboxesApi::list(const Request& request) {
    const auto fetch = [this](std::optional<MailboxId> after, int limit) { return mailboxes_.list(after, limit); };
    return list_response<MailboxId>(request, fetch,
                                    [this](const auto& mailbox) { return mailbox_json(mailbox, links_); });
}

Response MailboxesApi::show(const Request& request) {
    const auto mailbox = mailboxes_.find(path_id<MailboxId>(request));
    return mailbox ? json_response(200, mailbox_json(*mailbox, links_)) : not_found(request, "mailbox");
}

Response MailboxesApi::patch(const Request& request) {
    auto body = read_json(request);
    if (body.refusal) return std::move(*body.refusal);
    const auto id = path_id<MailboxId>(request);
    const auto now = mailboxes_.find(id);
    if (!now) return not_found(request, "mailbox");
    const auto changes = read_mailbox_patch(body.value, *now, plaintext_hosts_, body.problems);
    if (!body.problems.empty()) return validation_problem(request, std::move(body.problems));

    const auto patched = mailboxes_.patch(id, changes);
    if (!patched) return not_found(request, "mailbox");
    if (std::holds_alternative<domain::UnknownTimezone>(*patched)) return unknown_timezone(request);
    return json_response(200, mailbox_json(std::get<domain::MailboxView>(*patched), links_));
}

Response MailboxesApi::pause(const Request& request) {
    auto body = read_optional_json(request);
    if (body.refusal) return std::move(*body.refusal);
    Fields fields{body.value, "", body.problems};
    const auto reason = fields.text("reason", {.chars_max = reason_chars_max, .one_line = true});
    fields.refuse_others();
    if (!body.problems.empty()) return validation_problem(request, std::move(body.problems));

    const auto id = path_id<MailboxId>(request);
    const auto receipt = mailboxes_.pause(id, reason && !reason->empty() ? *reason : "manual");
    return receipt ? receipt_response(id.text(), *receipt) : not_found(request, "mailbox");
}

Response MailboxesApi::resume(const Request& request) {
    if (auto refusal = refuse_members(request)) return std::move(*refusal);
    const auto id = path_id<MailboxId>(request);
    const auto receipt = mailboxes_.resume(id);
    return receipt ? receipt_response(id.text(), *receipt) : not_found(request, "mailbox");
}

}  // namespace sequitur::http
