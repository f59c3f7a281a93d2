#include "http/opt_out_api.hpp"

#include "base/log.hpp"
#include "domain/ports/store_error.hpp"
#include "http/form_body.hpp"
#include "http/opt_out_page.hpp"

namespace sequitur::http {

OptOutApi::OptOutApi(domain::OptOuts& opt_outs, const domain::LinkTokens& tokens, std::string organisation,
                     metrics::Registry& metrics)
    : opt_outs_(opt_outs),
      tokens_(tokens),
      organisation_(std::move(organisation)),
      opted_out_(metrics.counter("sequitur_unsubscribes_total",
                                 "People who said no by the link in a mail; repeated ones are not counted.", {"via"})) {
}

void OptOutApi::add_to(Router& router) {
    router.add("GET", "/u/{token:text}", [this](const Request& request) {
        return with_email(request, [&](const EmailId& email) { return show(email); });
    });
    router.add("POST", "/u/{token:text}", [this](const Request& request) {
        return with_email(request, [&](const EmailId& email) { return act(email, request); });
    });
}

Response OptOutApi::with_email(const Request& request, const std::function<Response(const EmailId&)>& work) const {
    const auto token = tokens_.read(domain::LinkPurpose::unsubscribe, request.path_parameters.at("token"));
    if (!token) return opt_out_unknown_link();
    try {
        return work(token->email);
    } catch (const domain::StoreUnavailable& error) {
        log::warn("database not available",
                  {{"request_id", request.id}, {"route", "/u/{token}"}, {"reason", error.what()}});
        return opt_out_unavailable();
    }
}

Response OptOutApi::show(const EmailId& email) {
    const auto state = opt_outs_.look(email);
    if (!state) return opt_out_unknown_link();
    return state->opted_out ? opt_out_done(state->address, nullptr, organisation_)
                            : opt_out_question(*state, organisation_);
}

Response OptOutApi::act(const EmailId& email, const Request& request) {
    const auto form = FormBody::read(request);
    if (!form) return opt_out_unclear();
    if (form->has("List-Unsubscribe", "One-Click")) return opt_out(email, true);
    if (form->has("confirm", "1")) return opt_out(email, false);
    if (form->has("undo", "1")) return undo(email);
    return opt_out_unclear();
}

Response OptOutApi::opt_out(const EmailId& email, bool one_click) {
    const auto* via = one_click ? "one_click" : "page";
    const auto done = opt_outs_.opt_out(email, via);
    if (!done) return opt_out_unknown_link();
    if (!done->repeated) opted_out_.with({via}).add(1);
    if (one_click) return text_response(200, "unsubscribed\n");
    return opt_out_done(done->address, &done->receipt, organisation_);
}

Response OptOutApi::undo(const EmailId& email) {
    const auto state = opt_outs_.undo(email);
    return state ? opt_out_undone(*state, organisation_) : opt_out_unknown_link();
}

}  // namespace sequitur::http
