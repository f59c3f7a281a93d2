#include "http/tracking_api.hpp"

#include "domain/hit_kind.hpp"
#include "domain/link_target.hpp"
#include "http/json.hpp"
#include "http/problem.hpp"

namespace sequitur::http {

namespace {

/// One transparent pixel.
constexpr unsigned char gif[43] = {0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x80,
                                   0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0x21, 0xf9, 0x04,
                                   0x01, 0x00, 0x00, 0x00, 0x00, 0x2c, 0x00, 0x00, 0x00, 0x00, 0x01,
                                   0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x44, 0x01, 0x00, 0x3b};

const std::vector<std::pair<std::string, std::string>> kept_from_caches{
    {"Cache-Control", "no-store"}, {"Referrer-Policy", "no-referrer"}, {"X-Robots-Tag", "noindex"}};

Response pixel() {
    return {.status = 200,
            .content_type = "image/gif",
            .body = std::string{std::begin(gif), std::end(gif)},
            .headers = kept_from_caches,
            .route = {}};
}

Response redirect(const std::string& target) {
    Response response{.status = 302, .content_type = {}, .body = {}, .headers = kept_from_caches, .route = {}};
    response.headers.emplace_back("Location", target);
    return response;
}

Response leads_nowhere() {
    auto response = text_response(404, "This link leads nowhere. It may have been cut when it was copied.\n");
    response.headers = kept_from_caches;
    return response;
}

domain::HitLabel label_of(const Request& request) {
    return domain::label_of({.user_agent = request.header("user-agent"),
                             .purpose = request.header("purpose"),
                             .sec_purpose = request.header("sec-purpose"),
                             .x_moz = request.header("x-moz")});
}

}  // namespace

TrackingApi::TrackingApi(const domain::LinkTokens& tokens, domain::HitLog& hits, const Clock& clock,
                         metrics::Registry& metrics, domain::TrustedProxies proxies)
    : tokens_(tokens),
      hits_(hits),
      clock_(clock),
      proxies_(std::move(proxies)),
      durations_(metrics.histogram("sequitur_tracking_request_duration_seconds",
                                   "From a hit's handler to its answer, the disk included.", {"kind"})),
      events_(metrics.counter("sequitur_events_total", "Opens and clicks that were kept.", {"type", "machine"})) {}

void TrackingApi::add_to(Router& router) {
    router.add_late("GET", "/t/o/{token:text}",
                    [this](const auto& request, const auto& reply) { open(request, reply); });
    router.add_late("GET", "/t/c/{token:text}",
                    [this](const auto& request, const auto& reply) { click(request, reply); });
}

void TrackingApi::open(const Request& request, const Reply& reply) {
    const auto token = tokens_.read(domain::LinkPurpose::open, request.path_parameters.at("token"));
    if (!token || request.method == "HEAD") return reply(pixel());
    keep(request, *token, pixel(), reply);
}

void TrackingApi::click(const Request& request, const Reply& reply) {
    const auto token = tokens_.read(domain::LinkPurpose::click, request.path_parameters.at("token"));
    if (!token || !domain::is_link_target(token->url)) return reply(leads_nowhere());
    if (request.method == "HEAD") return reply(redirect(token->url));
    keep(request, *token, redirect(token->url), reply);
}

void TrackingApi::keep(const Request& request, const domain::LinkToken& token, Response response, const Reply& reply) {
    const auto begun = clock_.steady_now();
    const bool is_click = token.purpose == domain::LinkPurpose::click;
    const auto label = label_of(request);
    json::object data{{"kind", domain::name(label.kind)},
                      {"agent", domain::agent_family(request.header("user-agent"))},
                      {"network", domain::client_network(request.peer, request.header("x-forwarded-for"), proxies_)}};
    if (!label.reason.empty()) data["reason"] = label.reason;
    if (is_click) {
        data["link"] = token.index;
        data["url"] = token.url;
    }
    const auto now = clock_.now();
    const domain::EmailEvent hit{.id = EventId::make(now),
                                 .type = is_click ? "clicked" : "opened",
                                 .email_queue_id = token.email,
                                 .at = now,
                                 .recorded = false,
                                 .data = json::serialize(data)};
    auto& duration = durations_.with({is_click ? "click" : "open"});
    auto& counted = events_.with({hit.type, label.kind == domain::HitKind::machine ? "true" : "false"});
    hits_.keep(
        hit, [this, begun, &duration, &counted, &request, response = std::move(response), reply](bool kept) mutable {
            if (kept) counted.add();
            duration.observe(std::chrono::duration<double>(clock_.steady_now() - begun).count());
            reply(kept ? std::move(response) : busy(request, "The hit can not be kept at the moment. Try again."));
        });
}

}  // namespace sequitur::http
