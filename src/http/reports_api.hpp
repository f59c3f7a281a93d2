// Reports: what people did with the mails, machines apart.
#pragma once

#include "domain/ports/reports.hpp"
#include "http/router.hpp"

namespace sequitur::http {

class ReportsApi {
public:
    explicit ReportsApi(domain::Reports& reports) : reports_(reports) {}
    void add_to(Router& router);

private:
    Response links(const Request& request);

    domain::Reports& reports_;
};

}  // namespace sequitur::http
