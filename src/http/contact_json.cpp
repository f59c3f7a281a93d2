#include "http/contact_json.hpp"

#include "domain/text.hpp"
#include "http/replies.hpp"
#include "http/strict_json.hpp"

namespace sequitur::http {

namespace {

/// Free data about a person, for templates: names to texts, numbers, true, false or null.
std::optional<std::string> read_attributes(Fields& contact, Problems& problems) {
    const auto* attributes = contact.object("attributes");
    if (!attributes) return std::nullopt;
    for (const auto& attribute : *attributes) {
        if (!attribute.value().is_object() && !attribute.value().is_array()) continue;
        problems.push_back({contact.pointer_to("attributes") + pointer_token(attribute.key()), "wrong_type",
                            "An attribute must be a string, a number, true, false or null, not " +
                                std::string{kind_name(attribute.value())} + "."});
    }
    return json::serialize(*attributes);
}

/// Blanks are no value: kept, they would look filled in and hold the mail for ever.
std::optional<std::string> read_value(Fields& contact, std::string_view name) {
    auto text = contact.text(name);
    return text && domain::is_blank(*text) ? std::nullopt : std::move(text);
}

}  // namespace

domain::NewContact read_contact(const json::value& value, const std::string& pointer, Problems& problems) {
    Fields fields{value, pointer, problems};
    domain::NewContact contact;
    contact.email = fields.text("email", {.presence = Presence::required}).value_or("");
    contact.first_name = read_value(fields, "first_name");
    contact.last_name = read_value(fields, "last_name");
    contact.company = read_value(fields, "company");
    contact.phone = read_value(fields, "phone");
    contact.timezone = read_value(fields, "timezone");
    contact.attributes = read_attributes(fields, problems).value_or("");
    contact.do_not_track = fields.boolean("do_not_track").value_or(false);
    fields.refuse_others();
    return contact;
}

domain::ContactPatch read_contact_patch(const json::value& body, Problems& problems) {
    Fields fields{body, "", problems, Null::is_wrong};
    domain::ContactPatch patch;
    patch.first_name = fields.text("first_name");
    patch.last_name = fields.text("last_name");
    patch.company = fields.text("company");
    patch.phone = fields.text("phone");
    patch.timezone = fields.text("timezone");
    patch.attributes = read_attributes(fields, problems);
    patch.do_not_track = fields.boolean("do_not_track");
    if (fields.text("email"))
        fields.problem("email", "immutable",
                       "The address of a contact can not change: its mails went there. Enrol the new address.");
    fields.refuse_others();
    for (const auto& [name, detail] :
         domain::problems_of({.email = {},
                              .first_name = patch.first_name,
                              .last_name = patch.last_name,
                              .company = patch.company,
                              .phone = patch.phone,
                              .timezone = patch.timezone == "" ? std::nullopt : patch.timezone,
                              .attributes = patch.attributes.value_or("")}))
        fields.problem(name, "invalid_value", detail);
    return patch;
}

json::object contact_json(const domain::ContactView& contact) {
    return {{"id", contact.id.text()},
            {"email", contact.email},
            {"status", contact.status},
            {"first_name", text_json(contact.first_name)},
            {"last_name", text_json(contact.last_name)},
            {"company", text_json(contact.company)},
            {"phone", text_json(contact.phone)},
            {"timezone", text_json(contact.timezone)},
            {"attributes", json::parse(contact.attributes)},
            {"do_not_track", contact.do_not_track},
            {"created_at", time_json(contact.created_at)},
            {"updated_at", time_json(contact.updated_at)}};
}

}  // namespace sequitur::http
