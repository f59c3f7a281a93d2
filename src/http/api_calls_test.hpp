// Calls an API without a socket, and reads what it answers.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/json.hpp"
#include "http/router.hpp"

namespace sequitur::http {

class ApiCalls {
public:
    Router router;
    std::vector<std::pair<std::string, std::string>> headers{{"content-type", "application/json"}};

    Response operator()(const std::string& method, const std::string& target, const std::string& body = {}) const {
        Request request;
        request.id = "request-1";
        request.method = method;
        request.headers = headers;
        request.body = body;
        EXPECT_TRUE(set_target(request, target));
        const auto match = router.match(request);
        return answer(match, request);
    }
};

inline json::value body_of(const Response& response) { return json::parse(response.body); }

/// "pointer code" of each problem; "?name code" for parameters.
inline std::vector<std::string> errors_of(const Response& response) {
    std::vector<std::string> out;
    const auto body = body_of(response);
    if (const auto* errors = body.as_object().if_contains("errors"))
        for (const auto& error : errors->as_array()) {
            const auto& object = error.as_object();
            const auto* pointer = object.if_contains("pointer");
            const std::string place{pointer ? std::string{pointer->as_string()}
                                            : '?' + std::string{object.at("parameter").as_string()}};
            out.push_back(place + ' ' + std::string{object.at("code").as_string()});
        }
    return out;
}

inline std::string code_of(const Response& response) {
    return std::string{body_of(response).as_object().at("code").as_string()};
}

inline std::string header_of(const Response& response, std::string_view name) {
    for (const auto& [given, value] : response.headers)
        if (given == name) return value;
    return {};
}

/// Ids that are easy to tell apart: uuid_of(7) ends in …0007.
inline Uuid uuid_of(int number) {
    Uuid uuid;
    uuid.bytes[6] = 0x70;
    uuid.bytes[8] = 0x80;
    uuid.bytes[14] = static_cast<std::uint8_t>(number >> 8);
    uuid.bytes[15] = static_cast<std::uint8_t>(number);
    return uuid;
}

}  // namespace sequitur::http
