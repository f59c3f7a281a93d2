// One email: what happened to it, and keeping it from leaving.
#pragma once

#include "domain/ports/emails.hpp"
#include "http/router.hpp"

namespace sequitur::http {

class EmailsApi {
public:
    explicit EmailsApi(domain::Emails& emails) : emails_(emails) {}
    void add_to(Router& router);

private:
    Response show(const Request& request);
    Response cancel(const Request& request);

    domain::Emails& emails_;
};

}  // namespace sequitur::http
