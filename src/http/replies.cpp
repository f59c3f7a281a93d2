#include "http/replies.hpp"

#include "domain/messages.hpp"

namespace sequitur::http {

namespace {

/// Characters that may stand in a query as they are (RFC 3986 §2.3).
bool is_unreserved(unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_' || c == '~'; }

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_unreserved(byte))
            out += c;
        else
            (out += '%').append({digits[byte >> 4], digits[byte & 15]});
    }
    return out;
}

}  // namespace

Response json_response(int status, const json::value& body) { return json_response(status, json::serialize(body)); }

json::object receipt_json(const domain::StopReceipt& receipt) {
    json::array leaving;
    for (const auto& email : receipt.already_leaving) leaving.emplace_back(email.text());
    return {{"held", receipt.held},
            {"cancelled", receipt.cancelled},
            {"rescheduled", receipt.rescheduled},
            {"stopping", receipt.stopping},
            {"already_leaving", std::move(leaving)}};
}

Response receipt_response(const std::string& id, const domain::StopReceipt& receipt) {
    return json_response(200, json::object{{"id", id}, {"status", receipt.status}, {"receipt", receipt_json(receipt)}});
}

Response receipt_response(const std::string& id, const domain::ResumeReceipt& receipt) {
    return json_response(200, json::object{{"id", id},
                                           {"status", receipt.status},
                                           {"receipt", json::object{{"scheduled", receipt.scheduled}}}});
}

Response page_response(const Request& request, json::array items, const std::optional<std::string>& next_cursor) {
    auto response =
        json_response(200, json::object{{"items", std::move(items)}, {"next_cursor", text_json(next_cursor)}});
    if (!next_cursor) return response;
    std::string next = request.path + '?';
    for (const auto& [name, value] : request.query)
        if (name != "cursor") next += percent_encoded(name) + '=' + percent_encoded(value) + '&';
    response.headers.emplace_back("Link", '<' + next + "cursor=" + *next_cursor + ">; rel=\"next\"");
    return response;
}

json::value time_json(TimePoint at) { return json::value(domain::rfc3339(at)); }

json::value time_json(const std::optional<TimePoint>& at) { return at ? time_json(*at) : json::value{}; }

json::value text_json(const std::optional<std::string>& text) { return text ? json::value(*text) : json::value{}; }

json::object counts_json(const std::vector<std::pair<std::string, std::int64_t>>& counts) {
    json::object out;
    for (const auto& [status, count] : counts) out[status] = count;
    return out;
}

}  // namespace sequitur::http
