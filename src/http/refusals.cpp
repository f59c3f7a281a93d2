#include "http/refusals.hpp"

#include <algorithm>
#include <array>

#include "http/problem.hpp"

namespace sequitur::http {

namespace {

std::string lower(std::string_view text) {
    std::string out{text};
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

ProblemDetails details_of(Refusal refusal) {
    switch (refusal) {
        case Refusal::malformed:
            return {400, "malformed-request", "Not HTTP", "The request can not be read as HTTP/1.1."};
        case Refusal::framing:
            return {400, "malformed-request", "Ambiguous request",
                    "Content-Length and Transfer-Encoding must appear once, and not together."};
        case Refusal::host: return {400, "malformed-request", "No host", "HTTP/1.1 needs exactly one Host header."};
        case Refusal::too_slow:
            return {408, "too-slow", "The request took too long", "It was not complete within the time limit."};
        case Refusal::body_too_large:
            return {413, "body-too-large", "The body is too large", "A body may have at most 10 MiB.",
                    "Split the list over several requests: posting is repeatable."};
        case Refusal::start_line_too_long:
            return {414, "uri-too-long", "The address is too long", "The request line exceeds the limit of 16 KiB."};
        case Refusal::headers_too_large:
            return {431, "headers-too-large", "The headers are too large", "All headers together exceed 16 KiB."};
        case Refusal::content_encoding:
            return {415, "content-encoding", "Encoded body", "A body must come as it is, without Content-Encoding."};
        case Refusal::transfer_encoding:
            return {501, "transfer-encoding", "Unknown transfer coding", "The only transfer coding is `chunked`."};
        case Refusal::expectation:
            return {417, "expectation", "Unknown expectation", "The only expectation is `100-continue`."};
    }
    return {};
}

}  // namespace

Response refused(const Request& request, Refusal refusal) { return problem(request, details_of(refusal)); }

std::optional<Refusal> refusal_of_head(const Request& request, bool http_1_0) {
    const auto count = [&](std::string_view name) {
        return std::ranges::count(request.headers, name, [](const auto& h) { return std::string_view{h.first}; });
    };
    if (count("host") > 1 || (count("host") == 0 && !http_1_0)) return Refusal::host;
    if (count("content-length") + count("transfer-encoding") > 1) return Refusal::framing;
    if (const auto coding = request.header("transfer-encoding")) {
        if (http_1_0) return Refusal::framing;
        if (lower(*coding) != "chunked") return Refusal::transfer_encoding;
    }
    const auto encoding = request.header("content-encoding");
    if (encoding && lower(*encoding) != "identity") return Refusal::content_encoding;
    const auto expected = request.header("expect");
    if (expected && lower(*expected) != "100-continue") return Refusal::expectation;
    return std::nullopt;
}

void take_request_id(Request& request) {
    const auto given = request.header("x-request-id");
    if (!given || given->empty() || given->size() > 128) return;
    const auto harmless = [](unsigned char c) {
        return std::isalnum(c) != 0 || std::string_view{"-_.:/+="}.find(static_cast<char>(c)) != std::string_view::npos;
    };
    if (std::ranges::all_of(*given, harmless)) request.id = *given;
}

std::string metric_method(std::string_view method) {
    constexpr std::array<std::string_view, 7> known{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    return std::string{std::ranges::find(known, method) == known.end() ? "other" : method};
}

}  // namespace sequitur::http
