#include "http/response.hpp"

#include <array>
#include <cassert>
#include <cstdio>

namespace sequitur::http {

namespace {

void write_header(std::string& out, std::string_view name, std::string_view value) {
    assert(value.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos);
    out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

Response json_response(int status, std::string body) {
    return {.status = status, .content_type = "application/json", .body = std::move(body), .headers = {}, .route = {}};
}

Response text_response(int status, std::string body) {
    return {.status = status,
            .content_type = "text/plain; charset=utf-8",
            .body = std::move(body),
            .headers = {},
            .route = {}};
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 204: return "No Content";
        case 302: return "Found";
        case 400: return "Bad Request";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 422: return "Unprocessable Content";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        default: return "Unknown";
    }
}

std::string http_date(TimePoint at) {
    using namespace std::chrono;
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = floor<std::chrono::days>(at);
    const year_month_day date{day};
    const hh_mm_ss time{floor<seconds>(at - day)};
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT", days[weekday{day}.c_encoding()],
                  unsigned{date.day()}, months[unsigned{date.month()} - 1], int{date.year()},
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    return text.data();
}

std::string wire_bytes(const Response& response, const WireOptions& options) {
    std::string out;
    out.reserve(512 + response.body.size());
    out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
    out.append(reason_phrase(response.status)).append("\r\n");
    write_header(out, "Date", http_date(options.now));
    if (!options.request_id.empty()) write_header(out, "X-Request-Id", options.request_id);
    if (!response.content_type.empty()) write_header(out, "Content-Type", response.content_type);
    if (response.status != 204) write_header(out, "Content-Length", std::to_string(response.body.size()));
    for (const auto& [name, value] : response.headers) write_header(out, name, value);
    write_header(out, "X-Content-Type-Options", "nosniff");
    if (!options.keep_alive)
        write_header(out, "Connection", "close");
    else if (options.http_1_0)
        write_header(out, "Connection", "keep-alive");
    out.append("\r\n");
    if (options.body && response.status != 204) out.append(response.body);
    return out;
}

}  // namespace sequitur::http
