#include "domain/hit_kind.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace sequitur::domain {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Agents are longer than any of our words by far; what stands behind this tells nothing more.
constexpr std::size_t read_bytes_max = 512;

std::string in_lower_case(std::string_view text) {
    std::string out{text.substr(0, read_bytes_max)};
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

/// Both in lower case.
bool has(std::string_view text, std::string_view word) { return text.find(word) != std::string_view::npos; }

constexpr std::array<std::string_view, 2> proxies{"googleimageproxy", "yahoomailproxy"};

/// Scanners of mail first, then whoever says that it is a program.
constexpr auto machines = std::to_array<std::string_view>({"safelinks",    "urldefense",
                                                           "barracuda",    "mimecast",
                                                           "proofpoint",   "ironport",
                                                           "trendmicro",   "symantec",
                                                           "sophos",       "fireeye",
                                                           "zscaler",      "forcepoint",
                                                           "mailscanner",  "virustotal",
                                                           "spamassassin", "microsoft office existence",
                                                           "ms-office",    "bingpreview",
                                                           "slackbot",     "whatsapp",
                                                           "telegram",     "facebookexternalhit",
                                                           "bot",          "spider",
                                                           "crawl",        "curl",
                                                           "wget",         "python",
                                                           "go-http",      "java/",
                                                           "okhttp",       "apache-http",
                                                           "libwww",       "httpclient",
                                                           "headless",     "phantomjs",
                                                           "puppeteer",    "playwright",
                                                           "axios",        "node-fetch",
                                                           "undici",       "ruby",
                                                           "perl",         "php/",
                                                           "powershell",   "postman",
                                                           "scan",         "preview",
                                                           "monitor",      "validator",
                                                           "wrk"});

constexpr std::pair<std::string_view, std::string_view> families[] = {{"googleimageproxy", "Gmail"},
                                                                      {"yahoomailproxy", "Yahoo"},
                                                                      {"thunderbird/", "Thunderbird"},
                                                                      {"outlook", "Outlook"},
                                                                      {"edg", "Edge"},
                                                                      {"opr/", "Opera"},
                                                                      {"samsungbrowser/", "Samsung"},
                                                                      {"firefox/", "Firefox"},
                                                                      {"fxios/", "Firefox"},
                                                                      {"crios/", "Chrome"},
                                                                      {"chrome/", "Chrome"},
                                                                      {"safari/", "Safari"},
                                                                      {"applewebkit/", "Apple Mail"}};

bool is_prefetch(std::optional<std::string_view> value) {
    if (!value) return false;
    const auto purpose = in_lower_case(*value);
    return has(purpose, "prefetch") || has(purpose, "prerender") || has(purpose, "preview");
}

}  // namespace

std::string_view name(HitKind kind) {
    switch (kind) {
        case HitKind::human: return "human";
        case HitKind::proxy: return "proxy";
        case HitKind::machine: return "machine";
    }
    return {};
}

HitLabel label_of(const HitHeaders& headers) {
    if (is_prefetch(headers.purpose) || is_prefetch(headers.sec_purpose) || is_prefetch(headers.x_moz))
        return {HitKind::machine, "prefetch"};
    const auto agent = headers.user_agent.value_or("");
    if (agent.find_first_not_of(" \t") == std::string_view::npos) return {HitKind::machine, "no_user_agent"};
    // Apple's Mail Privacy Protection says this and nothing else.
    if (agent == "Mozilla/5.0") return {HitKind::machine, "privacy_protection"};
    const auto lowered = in_lower_case(agent);
    const auto in_agent = [&](std::string_view word) { return has(lowered, word); };
    if (std::ranges::any_of(proxies, in_agent)) return {HitKind::proxy, "image_proxy"};
    if (std::ranges::any_of(machines, in_agent)) return {HitKind::machine, "user_agent"};
    return {};
}

std::string_view agent_family(std::optional<std::string_view> user_agent) {
    if (!user_agent || user_agent->empty()) return "none";
    const auto agent = in_lower_case(*user_agent);
    const auto found = std::ranges::find_if(families, [&](const auto& family) { return has(agent, family.first); });
    return found == std::end(families) ? "other" : found->second;
}

}  // namespace sequitur::domain
