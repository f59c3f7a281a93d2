// People by themselves: shown, changed, deleted. A deletion is a stop act, and answers with its receipt.
#pragma once

#include "domain/ports/contact_book.hpp"
#include "http/router.hpp"

namespace sequitur::http {

class ContactBookApi {
public:
    explicit ContactBookApi(domain::ContactBook& book) : book_(book) {}
    void add_to(Router& router);

private:
    Response list(const Request& request);
    Response show(const Request& request);
    Response patch(const Request& request);
    Response remove(const Request& request);

    domain::ContactBook& book_;
};

}  // namespace sequitur::http
