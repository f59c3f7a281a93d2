// Flow 2, add contacts: up to 10,000 people a request, in one transaction.
//
// One person who can not be taken does not keep out the others (unless on_error=abort): who was left
// out, and why, is in the answer. Posting the same list again adds nobody.
#pragma once

#include "domain/ports/contacts.hpp"
#include "http/router.hpp"

namespace sequitur::http {

class ContactsApi {
public:
    explicit ContactsApi(domain::Contacts& contacts) : contacts_(contacts) {}
    void add_to(Router& router);

private:
    Response add(const Request& request);

    domain::Contacts& contacts_;
};

}  // namespace sequitur::http
