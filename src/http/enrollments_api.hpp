// Enrolments: who is where in a sequence, and stopping one of them.
#pragma once

#include "domain/ports/contacts.hpp"
#include "http/router.hpp"

namespace sequitur::http {

class EnrollmentsApi {
public:
    explicit EnrollmentsApi(domain::Contacts& contacts) : contacts_(contacts) {}
    void add_to(Router& router);

private:
    Response list(const Request& request);
    Response stop(const Request& request);

    domain::Contacts& contacts_;
};

}  // namespace sequitur::http
