// The opt-out link of a mail (RFC 8058): GET shows a page and changes nothing, since scanners follow links; POST acts.
//
// `List-Unsubscribe=One-Click` is what a provider sends when its user presses the button: it acts at once, without a
// cookie, a redirect or a question, and may be repeated. Where nothing can be recorded the answer is 503, so that it
// comes again. A token that is not ours is 404; it needs no database to tell.
#pragma once

#include <string>

#include "base/metrics.hpp"
#include "domain/ports/link_tokens.hpp"
#include "domain/ports/opt_outs.hpp"
#include "http/router.hpp"

namespace sequitur::http {

class OptOutApi {
public:
    /// `organisation`: who sends the mail, for the page; may be empty.
    OptOutApi(domain::OptOuts& opt_outs, const domain::LinkTokens& tokens, std::string organisation,
              metrics::Registry& metrics);
    void add_to(Router& router);

private:
    Response show(const EmailId& email);
    Response act(const EmailId& email, const Request& request);
    Response opt_out(const EmailId& email, bool one_click);
    Response undo(const EmailId& email);
    /// With the email of a token that is ours; the pages of what fails are here.
    Response with_email(const Request& request, const std::function<Response(const EmailId&)>& work) const;

    domain::OptOuts& opt_outs_;
    const domain::LinkTokens& tokens_;
    std::string organisation_;
    metrics::Family<metrics::Counter>& opted_out_;
};

}  // namespace sequitur::http
