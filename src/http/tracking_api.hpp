// The links of a mail: the pixel and the redirect.
//
// Both are answered from the token alone, when the hit is kept on the disk; the database is not asked. A token that is
// not ours gets the pixel all the same, and no redirect. HEAD is answered and is no hit. Nothing of the query or the
// headers is ever a target. Where the disk refuses, the answer is 503: what is answered is recorded.
#pragma once

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "domain/client_network.hpp"
#include "domain/ports/hit_log.hpp"
#include "domain/ports/link_tokens.hpp"
#include "http/router.hpp"

namespace sequitur::http {

class TrackingApi {
public:
    TrackingApi(const domain::LinkTokens& tokens, domain::HitLog& hits, const Clock& clock, metrics::Registry& metrics,
                domain::TrustedProxies proxies);
    void add_to(Router& router);

private:
    void open(const Request& request, const Reply& reply);
    void click(const Request& request, const Reply& reply);
    /// Keeps the hit and then answers.
    void keep(const Request& request, const domain::LinkToken& token, Response response, const Reply& reply);

    const domain::LinkTokens& tokens_;
    domain::HitLog& hits_;
    const Clock& clock_;
    const domain::TrustedProxies proxies_;
    metrics::Family<metrics::Histogram>& durations_;
    metrics::Family<metrics::Counter>& events_;
};

}  // namespace sequitur::http
