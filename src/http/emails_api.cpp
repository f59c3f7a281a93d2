#include "http/emails_api.hpp"

#include "http/json_body.hpp"
#include "http/problem.hpp"
#include "http/replies.hpp"

namespace sequitur::http {

namespace {

json::object event_json(const domain::EmailView::Event& event) {
    return {{"id", event.id},
            {"type", event.type},
            {"created_at", time_json(event.created_at)},
            {"data", json::parse(event.data)}};
}

json::object email_json(const domain::EmailView& email) {
    json::array events;
    for (const auto& event : email.events) events.emplace_back(event_json(event));
    return {{"id", email.id.text()},
            {"enrollment_id", email.sequence_contact_id.text()},
            {"sequence_id", email.sequence_id.text()},
            {"mailbox_id", email.mailbox_id ? json::value(email.mailbox_id->text()) : json::value{}},
            {"step_id", email.step_id.text()},
            {"step_order", email.step_order},
            {"contact_email", email.contact_email},
            {"status", email.status},
            {"reason", text_json(email.reason)},
            {"phase", text_json(email.phase)},
            {"cancel_requested", email.cancel_requested},
            {"retry_count", email.retry_count},
            {"max_retries", email.max_retries},
            {"scheduled_for", time_json(email.scheduled_for)},
            {"queued_at", time_json(email.queued_at)},
            {"last_attempt_at", time_json(email.last_attempt_at)},
            {"dot_at", time_json(email.dot_at)},
            {"sent_at", time_json(email.sent_at)},
            {"subject", text_json(email.subject)},
            {"message_id", text_json(email.message_id)},
            {"error_message", text_json(email.error_message)},
            {"events", std::move(events)}};
}

}  // namespace

void EmailsApi::add_to(Router& router) {
    router.add("GET", "/api/v1/emails/{id}", [this](const Request& request) { return show(request); });
    router.add("POST", "/api/v1/emails/{id}/cancel", [this](const Request& request) { return cancel(request); });
}

Response EmailsApi::show(const Request& request) {
    const auto email = emails_.find(path_id<EmailId>(request));
    return email ? json_response(200, email_json(*email)) : not_found(request, "email");
}

Response EmailsApi::cancel(const Request& request) {
    if (auto refusal = refuse_members(request)) return std::move(*refusal);
    const auto id = path_id<EmailId>(request);
    const auto cancelled = emails_.cancel(id);
    if (!cancelled) return not_found(request, "email");
    if (!cancelled->too_late) return receipt_response(id.text(), cancelled->receipt);
    return problem(request, {.status = 409,
                             .code = "too-late",
                             .title = "The email can not be cancelled any more",
                             .detail = "It is " + cancelled->receipt.status + ". Nothing was changed."});
}

}  // namespace sequitur::http
