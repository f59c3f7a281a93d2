#include "http/opt_out_page.hpp"

#include <cstdint>

#include "domain/html_escape.hpp"

namespace sequitur::http {

namespace {

// The policy below names this text by its SHA-256: whoever changes one changes the other (tests/scenario/opt_out_test).
constexpr std::string_view style =
    ":root{color-scheme:light dark;--ink:#1c1e21;--soft:#5b6168;--page:#f3f4f6;--card:#fff;--line:#d9dce1;"
    "--act:#1f5fbf;--on-act:#fff}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a3a9b1;--page:#15171a;--card:#1f2226;"
    "--line:#363b42;--act:#8ab4f8;--on-act:#10233f}}"
    "*{box-sizing:border-box}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--page);"
    "color:var(--ink);font:1.0625rem/1.55 system-ui,sans-serif}"
    "main{width:100%;max-width:30rem;padding:2rem 1.75rem;background:var(--card);border:1px solid var(--line);"
    "border-radius:.75rem}"
    "h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.25}p{margin:0 0 1rem}b{overflow-wrap:anywhere}"
    "form{margin:1.5rem 0 0}"
    "button{width:100%;min-height:3rem;padding:.625rem 1rem;border:1px solid var(--act);border-radius:.5rem;"
    "background:var(--act);color:var(--on-act);font:inherit;font-weight:600;cursor:pointer}"
    "button.quiet{background:none;color:var(--act)}"
    "button:focus-visible{outline:3px solid var(--act);outline-offset:3px}"
    ".soft{color:var(--soft);font-size:.9375rem}main>:last-child{margin-bottom:0}";
constexpr std::string_view policy =
    "default-src 'none'; style-src 'sha256-8mlcgoLF8n8eJ8+RqzS1HeoSpSa96uPN7gJC4HflTfg='; form-action 'self'; base-uri "
    "'none'; frame-ancestors 'none'";

Response page(int status, std::string_view title, const std::string& content) {
    Response response;
    response.status = status;
    response.content_type = "text/html; charset=utf-8";
    response.body.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
        .append(title)
        .append("</title><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                "<meta name=\"robots\" content=\"noindex,nofollow\"><style>")
        .append(style)
        .append("</style></head><body><main><h1>")
        .append(title)
        .append("</h1>")
        .append(content)
        .append("</main></body></html>\n");
    response.headers = {{"Cache-Control", "no-store"},
                        {"Content-Security-Policy", std::string{policy}},
                        {"Referrer-Policy", "no-referrer"},
                        {"X-Robots-Tag", "noindex, nofollow"}};
    return response;
}

std::string paragraph(const std::string& html) { return "<p>" + html + "</p>"; }
std::string soft_paragraph(const std::string& html) { return "<p class=\"soft\">" + html + "</p>"; }

/// Without an action: it goes to the address that the page has, whatever stands between.
std::string button(std::string_view field, std::string_view label, std::string_view look = {}) {
    return "<form method=\"post\"><input type=\"hidden\" name=\"" + std::string{field} + "\" value=\"1\"><button" +
           (look.empty() ? "" : " class=\"" + std::string{look} + "\"") + ">" + std::string{label} + "</button></form>";
}

std::string address_or(const std::string& address, std::string_view otherwise) {
    return address.empty() ? std::string{otherwise} : "<b>" + domain::html_escaped(address) + "</b>";
}

std::string from(std::string_view organisation) {
    return organisation.empty() ? std::string{} : " from " + domain::html_escaped(organisation);
}

std::string messages(std::int64_t count) { return std::to_string(count) + (count == 1 ? " message" : " messages"); }

/// What the act met, in the words of somebody who waits for mail.
std::string told(const domain::StopReceipt& receipt) {
    const auto stopped = receipt.cancelled + receipt.stopping;
    const auto leaving = static_cast<std::int64_t>(receipt.already_leaving.size());
    std::string out;
    if (stopped > 0)
        out += paragraph(messages(stopped) + (stopped == 1 ? " that was" : " that were") +
                         " planned for you will not be sent.");
    if (leaving > 0)
        out += paragraph(messages(leaving) + (leaving == 1 ? " was" : " were") +
                         " already on its way and may still arrive. Nothing comes after " +
                         (leaving == 1 ? "it." : "them."));
    return out;
}

}  // namespace

Response opt_out_question(const domain::OptOutState& state, std::string_view organisation) {
    return page(
        200, "Unsubscribe",
        paragraph("Stop all mail" + from(organisation) + " to " + address_or(state.address, "your address") + "?") +
            soft_paragraph("It takes effect at once, for everything we send to this address.") +
            button("confirm", "Unsubscribe"));
}

Response opt_out_done(const std::string& address, const domain::StopReceipt* receipt, std::string_view organisation) {
    auto content = paragraph("We will send no more mail" + from(organisation) + " to " +
                             address_or(address, "your address") + ".") +
                   (receipt ? told(*receipt) : "");
    if (!address.empty())
        content += soft_paragraph("Pressed by mistake? You can take it back. Messages that were cancelled stay "
                                  "cancelled.") +
                   button("undo", "Undo", "quiet");
    return page(200, "You are unsubscribed", content);
}

Response opt_out_undone(const domain::OptOutState& state, std::string_view organisation) {
    if (state.opted_out) return opt_out_done({}, nullptr, organisation);
    return page(200, "You can get mail again",
                paragraph("Your choice was taken back: " + address_or(state.address, "your address") + " may get mail" +
                          from(organisation) + " again.") +
                    soft_paragraph("Messages that were cancelled stay cancelled.") +
                    button("confirm", "Unsubscribe", "quiet"));
}

Response opt_out_unknown_link() {
    return page(404, "This link does not work",
                paragraph("It may have been cut off or changed on its way. Please use the link in the message itself, "
                          "whole, or answer the message and ask for no more mail."));
}

Response opt_out_unclear() {
    return page(400, "Nothing was changed",
                paragraph("This request did not say what to do. Please open the link again and press the button."));
}

Response opt_out_unavailable() {
    auto response =
        page(503, "Please try again in a minute",
             paragraph("We can not record your choice at the moment. Your link keeps working: please open it again in "
                       "a minute."));
    response.headers.emplace_back("Retry-After", "30");
    return response;
}

}  // namespace sequitur::http
