// Suppressions: who must not be mailed, by address or by domain. A new entry is a stop act, and answers with its
// receipt.
#pragma once

#include "domain/ports/suppressions.hpp"
#include "http/router.hpp"

namespace sequitur::http {

class SuppressionsApi {
public:
    explicit SuppressionsApi(domain::Suppressions& suppressions) : suppressions_(suppressions) {}
    void add_to(Router& router);

private:
    Response add(const Request& request);
    Response list(const Request& request);
    Response show(const Request& request);
    Response remove(const Request& request);
    Response check(const Request& request);

    domain::Suppressions& suppressions_;
};

}  // namespace sequitur::http
