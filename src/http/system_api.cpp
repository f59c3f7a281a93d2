#include "http/system_api.hpp"

#include "http/replies.hpp"

namespace sequitur::http {

namespace {

std::optional<std::string> failure_of(const ReadyCheck& check) {
    try {
        return check.failing();
    } catch (const std::exception& error) { return error.what(); }
}

}  // namespace

SystemApi::SystemApi(metrics::Registry& metrics, std::vector<ReadyCheck> checks, const BuildInfo& build)
    : metrics_(metrics), checks_(std::move(checks)), build_(build) {
    metrics.gauge("sequitur_build_info", "Which build this is; always 1.", {"version", "commit"})
        .with({build.version, build.commit})
        .set(1);
}

void SystemApi::add_to(Router& router) {
    router.add("GET", "/livez", [](const Request&) { return text_response(200, "ok\n"); }, Runs::at_once);
    router.add(
        "GET", "/version",
        [this](const Request&) {
            return json_response(
                200, json::object{{"name", "sequitur"}, {"version", build_.version}, {"commit", build_.commit}});
        },
        Runs::at_once);
    router.add("GET", "/readyz", [this](const Request&) { return ready(); });
    router.add("GET", "/metrics", [this](const Request&) {
        auto response = text_response(200, metrics_.text());
        response.content_type = "text/plain; version=0.0.4; charset=utf-8";
        return response;
    });
}

Response SystemApi::ready() const {
    if (draining_) return json_response(503, json::object{{"status", "draining"}, {"checks", json::array{}}});
    bool all_well = true;
    json::array checks;
    for (const auto& check : checks_) {
        const auto failure = failure_of(check);
        all_well = all_well && !failure;
        checks.emplace_back(json::object{{"name", check.name}, {"ok", !failure}, {"detail", text_json(failure)}});
    }
    return json_response(all_well ? 200 : 503,
                         json::object{{"status", all_well ? "ready" : "unready"}, {"checks", std::move(checks)}});
}

}  // namespace sequitur::http
