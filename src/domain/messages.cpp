#include "domain/messages.hpp"

#include <boost/json.hpp>
#include <cassert>

#include "domain/record_reader.hpp"

namespace sequitur::domain {

namespace {

namespace json = boost::json;

constexpr int version = 1;

json::object record(std::string_view id_name, const Uuid& id, std::string_view at_name, TimePoint at) {
    return {{"v", version}, {id_name, id.text()}, {at_name, rfc3339(at)}};
}

/// What a decoder makes of a payload: `fill` reads the members, the first thing that is wrong wins.
template <class Message> std::variant<Message, Poison> decode(std::string_view payload, auto&& fill) {
    std::string problem;
    const auto document = parse_record(payload, problem);
    if (!document) return Poison{problem};
    const RecordReader reader{document->get_object(), problem};
    if (const auto v = reader.integer("v", 0); problem.empty() && v != version)
        return Poison{"version " + std::to_string(v) + " is not known"};
    Message message;
    fill(reader, message);
    if (!problem.empty()) return Poison{problem};
    return message;
}

}  // namespace

std::string topics::dead_letters(std::string_view topic) { return std::string{topic} + ".dlq"; }

std::string encode(const EmailJobs& jobs) {
    auto out = record("batch_id", jobs.batch_id.uuid, "produced_at", jobs.produced_at);
    json::array emails;
    for (const auto& email : jobs.emails)
        emails.push_back({{"email_queue_id", email.email_queue_id.text()},
                          {"sequence_contact_id", email.sequence_contact_id.text()},
                          {"mailbox_id", email.mailbox_id.text()},
                          {"step_order", email.step_order}});
    out["emails"] = std::move(emails);
    return json::serialize(out);
}

std::string encode(const FollowupEvents& followups) {
    auto out = record("id", followups.id, "at", followups.at);
    json::array completed;
    for (const auto& step : followups.completed)
        completed.push_back({{"sequence_contact_id", step.sequence_contact_id.text()},
                             {"email_queue_id", step.email_queue_id.text()},
                             {"step_completed", step.step_completed}});
    out["completed"] = std::move(completed);
    return json::serialize(out);
}

std::string encode(const EmailRetries& failed) {
    auto out = record("id", failed.id, "at", failed.at);
    json::array retries;
    for (const auto& retry : failed.retries) {
        json::value next = nullptr;
        if (retry.next_retry_at != TimePoint{}) next = rfc3339(retry.next_retry_at);
        retries.push_back({{"email_queue_id", retry.email_queue_id.text()},
                           {"epoch", retry.epoch},
                           {"retry_count", retry.retry_count},
                           {"next_retry_at", std::move(next)}});
    }
    out["retries"] = std::move(retries);
    return json::serialize(out);
}

std::string encode(const EmailEvents& told) {
    auto out = json::serialize(record("id", told.id, "at", told.at));
    out.back() = ',';
    out += R"("events":[)";
    for (const auto& event : told.events) {
        assert(event.data.starts_with('{') && event.data.ends_with('}'));
        // Put together by hand: hits come by the thousand, `data` is JSON already, and the others are plain words.
        out.append(&event == told.events.data() ? "" : ",").append(R"({"id":")").append(event.id.text());
        out.append(R"(","type":")").append(event.type);
        out.append(R"(","email_queue_id":")").append(event.email_queue_id.text());
        out.append(R"(","at":")").append(rfc3339(event.at));
        out.append(event.recorded ? R"(","recorded":true,"data":)" : R"(","recorded":false,"data":)");
        out.append(event.data).append("}");
    }
    return out += "]}";
}

std::variant<EmailJobs, Poison> decode_email_jobs(std::string_view payload, TimePoint now) {
    return decode<EmailJobs>(payload, [&](const RecordReader& record, EmailJobs& jobs) {
        jobs.batch_id = {record.v7("batch_id", now)};
        jobs.produced_at = record.time("produced_at");
        record.each("emails", 1, batch_emails_max, [&](const RecordReader& email) {
            jobs.emails.push_back({.email_queue_id = {email.uuid("email_queue_id")},
                                   .sequence_contact_id = {email.uuid("sequence_contact_id")},
                                   .mailbox_id = {email.uuid("mailbox_id")},
                                   .step_order = email.count("step_order")});
        });
    });
}

std::variant<FollowupEvents, Poison> decode_followup_events(std::string_view payload, TimePoint now) {
    return decode<FollowupEvents>(payload, [&](const RecordReader& record, FollowupEvents& followups) {
        followups.id = record.v7("id", now);
        followups.at = record.time("at");
        record.each("completed", [&](const RecordReader& step) {
            followups.completed.push_back({.sequence_contact_id = {step.uuid("sequence_contact_id")},
                                           .email_queue_id = {step.uuid("email_queue_id")},
                                           .step_completed = step.count("step_completed")});
        });
    });
}

std::variant<EmailRetries, Poison> decode_email_retries(std::string_view payload, TimePoint now) {
    return decode<EmailRetries>(payload, [&](const RecordReader& record, EmailRetries& failed) {
        failed.id = record.v7("id", now);
        failed.at = record.time("at");
        record.each("retries", [&](const RecordReader& retry) {
            failed.retries.push_back({.email_queue_id = {retry.uuid("email_queue_id")},
                                      .epoch = retry.integer("epoch", 0),
                                      .retry_count = retry.count("retry_count"),
                                      .next_retry_at = retry.time_or_null("next_retry_at")});
        });
    });
}

std::variant<EmailEvents, Poison> decode_email_events(std::string_view payload, TimePoint now) {
    return decode<EmailEvents>(payload, [&](const RecordReader& record, EmailEvents& told) {
        told.id = record.v7("id", now);
        told.at = record.time("at");
        record.each("events", [&](const RecordReader& event) {
            told.events.push_back({.id = {event.v7("id", now)},
                                   .type = event.word("type"),
                                   .email_queue_id = {event.uuid("email_queue_id")},
                                   .at = event.time("at"),
                                   .recorded = event.boolean("recorded"),
                                   .data = event.object_text("data")});
        });
    });
}

}  // namespace sequitur::domain
