#include "http/sequence_json.hpp"

#include <algorithm>

#include "http/replies.hpp"

namespace sequitur::http {

namespace {

// Above what a sequence may have by meaning (the domain says so), below what a body can hold.
constexpr std::size_t mailboxes_max = 10'000;

domain::NewStep read_step(const json::value& value, const std::string& pointer, Problems& problems) {
    Fields fields{value, pointer, problems};
    domain::NewStep step;
    step.subject = fields.text("subject").value_or("");
    step.content = fields.text("content", {.presence = Presence::required}).value_or("");
    step.content_text = fields.text("content_text");
    step.wait_days = fields.integer("wait_days", {.min = 0, .max = domain::wait_days_max});
    fields.refuse_others();
    return step;
}

/// Problems of meaning where the form was right: what could not be read is not also empty.
void add_meaning(const domain::NewSequence& sequence, Problems& problems) {
    const auto form = problems;
    for (auto& problem : domain::problems_of(sequence)) {
        const bool known = std::ranges::any_of(form, [&](const auto& other) {
            return problem.pointer == other.pointer || problem.pointer.starts_with(other.pointer + '/');
        });
        if (!known) problems.push_back(std::move(problem));
    }
}

json::object step_json(const domain::StepView& step) {
    return {{"id", step.id.text()},    {"step_order", step.step_order}, {"subject", step.subject},
            {"content", step.content}, {"wait_days", step.wait_days},   {"refused_count", step.refused_count}};
}

}  // namespace

domain::NewSequence read_sequence(const json::value& body, Problems& problems) {
    Fields fields{body, "", problems};
    domain::NewSequence sequence;
    sequence.name = fields.text("name", {.presence = Presence::required}).value_or("");
    if (const auto status = fields.choice("status", {"draft", "active", "paused"}))
        sequence.status = *domain::sequence_status(*status);
    sequence.open_tracking_enabled = fields.boolean("open_tracking_enabled").value_or(true);
    sequence.click_tracking_enabled = fields.boolean("click_tracking_enabled").value_or(true);
    if (const auto* steps = fields.list("steps", {.presence = Presence::required}))
        for (std::size_t i = 0; i < steps->size() && i <= domain::sequence_steps_max; ++i)
            sequence.steps.push_back(read_step((*steps)[i], "/steps/" + std::to_string(i), problems));
    for (const auto& id : fields.ids("mailbox_ids", {.items_max = mailboxes_max}).value_or(std::vector<Uuid>{}))
        sequence.mailbox_ids.push_back({id});
    fields.refuse_others();
    add_meaning(sequence, problems);
    return sequence;
}

json::object sequence_json(const domain::SequenceView& sequence) {
    json::array steps;
    for (const auto& step : sequence.steps) steps.emplace_back(step_json(step));
    json::array mailboxes;
    for (const auto& mailbox : sequence.mailbox_ids) mailboxes.emplace_back(mailbox.text());
    return {{"id", sequence.id.text()},
            {"name", sequence.name},
            {"status", domain::name(sequence.status)},
            {"step_count", sequence.steps.size()},
            {"open_tracking_enabled", sequence.open_tracking_enabled},
            {"click_tracking_enabled", sequence.click_tracking_enabled},
            {"created_at", time_json(sequence.created_at)},
            {"updated_at", time_json(sequence.updated_at)},
            {"steps", std::move(steps)},
            {"mailbox_ids", std::move(mailboxes)},
            {"enrollments", counts_json(sequence.enrollments)},
            {"emails", counts_json(sequence.emails)}};
}

}  // namespace sequitur::http
