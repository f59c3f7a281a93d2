#include "mail/token_answer.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <string_view>

#include "domain/template_values.hpp"
#include "mail/https_post.hpp"

namespace sequitur::mail {

namespace json = boost::json;

namespace {

constexpr auto good_for_by_default = std::chrono::minutes{5};
constexpr std::int64_t good_for_seconds_max = 86'400;
constexpr std::size_t reason_bytes_max = 300;

/// RFC 6749 §5.2: asking again gives the same answer.
constexpr std::array<std::string_view, 6> final_errors{"invalid_grant",   "invalid_client", "unauthorized_client",
                                                       "invalid_request", "invalid_scope",  "unsupported_grant_type"};

std::optional<std::string> text_of(const json::object& object, std::string_view name) {
    const auto* found = object.if_contains(name);
    if (!found || !found->is_string()) return std::nullopt;
    return std::string{found->as_string()};
}

// It ends up in the API and in logs.
std::string printable(std::string text) {
    std::ranges::replace_if(text, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }, ' ');
    if (text.size() > reason_bytes_max) text.resize(reason_bytes_max);
    return text;
}

Duration good_for(const json::object& object) {
    const auto* seconds = object.if_contains("expires_in");
    if (!seconds || !seconds->is_int64()) return good_for_by_default;
    return std::chrono::seconds{std::clamp<std::int64_t>(seconds->as_int64(), 0, good_for_seconds_max)};
}

domain::NoToken refusal(int status, const json::object& object) {
    const auto error = text_of(object, "error").value_or("HTTP " + std::to_string(status));
    const auto words = text_of(object, "error_description");
    const bool is_final = status >= 400 && status < 500 && std::ranges::find(final_errors, error) != final_errors.end();
    return {"no access token: " + printable(error + (words ? ": " + *words : "")), is_final};
}

}  // namespace

std::string token_request(const domain::OAuthClient& client, const Secret& refresh_token) {
    auto form = "grant_type=refresh_token&refresh_token=" + domain::url_encoded(refresh_token.reveal()) +
                "&client_id=" + domain::url_encoded(client.client_id);
    if (!client.client_secret.empty()) form += "&client_secret=" + domain::url_encoded(client.client_secret.reveal());
    if (!client.scope.empty()) form += "&scope=" + domain::url_encoded(client.scope);
    return form;
}

std::variant<GivenToken, domain::NoToken> read_token_answer(int status, const std::string& body) {
    boost::system::error_code not_json;
    const auto parsed = json::parse(body, not_json);
    if (not_json || !parsed.is_object())
        return domain::NoToken{"no access token: HTTP " + std::to_string(status) + " without JSON", false};
    const auto& object = parsed.as_object();
    const auto token = text_of(object, "access_token");
    if (status != 200 || !token || token->empty()) return refusal(status, object);
    const bool is_safe = std::ranges::all_of(*token, [](char c) { return c > ' ' && c < 0x7f; });
    if (!is_safe) return domain::NoToken{"no access token: one with control characters", false};
    GivenToken given{Secret{*token}, good_for(object), {}};
    if (auto another = text_of(object, "refresh_token"); another && !another->empty())
        given.refresh_token = Secret{std::move(*another)};
    return given;
}

}  // namespace sequitur::mail
