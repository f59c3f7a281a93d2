// A person as JSON, in and out.
#pragma once

#include "domain/enrollment.hpp"
#include "domain/ports/contact_book.hpp"
#include "http/fields.hpp"

namespace sequitur::http {

/// `pointer`: where `value` stands in the body. What only the domain can judge is left to it.
domain::NewContact read_contact(const json::value& value, const std::string& pointer, Problems& problems);

domain::ContactPatch read_contact_patch(const json::value& body, Problems& problems);

json::object contact_json(const domain::ContactView& contact);

}  // namespace sequitur::http
