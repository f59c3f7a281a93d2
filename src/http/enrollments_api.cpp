#include "http/enrollments_api.hpp"

#include "http/json_body.hpp"
#include "http/problem.hpp"
#include "http/query.hpp"
#include "http/replies.hpp"

namespace sequitur::http {

namespace {

json::object enrollment_json(const domain::EnrollmentView& enrollment) {
    json::array emails;
    for (const auto& email : enrollment.emails)
        emails.emplace_back(
            json::object{{"id", email.id.text()}, {"step_order", email.step_order}, {"status", email.status}});
    return {{"id", enrollment.id.text()},
            {"email", enrollment.email},
            {"status", enrollment.status},
            {"reason", text_json(enrollment.reason)},
            {"waiting_on", text_json(enrollment.waiting_on)},
            {"current_step", enrollment.current_step},
            {"mailbox_id", enrollment.mailbox_id ? json::value(enrollment.mailbox_id->text()) : json::value{}},
            {"next_send_at", time_json(enrollment.next_send_at)},
            {"emails", std::move(emails)}};
}

}  // namespace

void EnrollmentsApi::add_to(Router& router) {
    router.add("GET", "/api/v1/enrollments", [this](const Request& request) { return list(request); });
    router.add("POST", "/api/v1/enrollments/{id}/stop", [this](const Request& request) { return stop(request); });
}

Response EnrollmentsApi::list(const Request& request) {
    Problems problems;
    Query query{request, problems};
    const auto sequence = query.id("sequence_id");
    const int limit = query.limit();
    const auto after = query.id("cursor");
    query.refuse_others();
    if (!problems.empty()) return validation_problem(request, std::move(problems));

    const auto page = contacts_.enrollments(sequence ? std::optional{SequenceId{*sequence}} : std::nullopt,
                                            after ? std::optional{EnrollmentId{*after}} : std::nullopt, limit);
    json::array items;
    for (const auto& enrollment : page.items) items.emplace_back(enrollment_json(enrollment));
    return page_response(request, std::move(items),
                         page.next_cursor ? std::optional{page.next_cursor->text()} : std::nullopt);
}

Response EnrollmentsApi::stop(const Request& request) {
    if (auto refusal = refuse_members(request)) return std::move(*refusal);
    const auto id = path_id<EnrollmentId>(request);
    const auto stopped = contacts_.stop_enrollment(id);
    if (!stopped) return not_found(request, "enrollment");
    if (!stopped->already_over) return receipt_response(id.text(), stopped->receipt);
    return problem(request, {.status = 409,
                             .code = "enrollment-over",
                             .title = "The enrollment is over already",
                             .detail = "It is " + stopped->receipt.status + ". Nothing was changed."});
}

}  // namespace sequitur::http
