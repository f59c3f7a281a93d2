// People as the API shows and changes them; enrolling them is Contacts. Thread-safe. Throws StoreUnavailable,
// StoreRefused.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "domain/ports/stop_acts.hpp"

namespace sequitur::domain {

struct ContactView {
    ContactId id;
    std::string email;
    std::optional<std::string> first_name, last_name, company, phone, timezone;
    std::string attributes;  ///< a JSON object
    bool do_not_track = false;
    std::string status;
    TimePoint created_at;
    TimePoint updated_at;
};

/// What is given replaces what was there; an empty text clears it.
struct ContactPatch {
    std::optional<std::string> first_name, last_name, company, phone, timezone;
    std::optional<std::string> attributes;  ///< a JSON object, member by member; null takes a member away
    std::optional<bool> do_not_track;
};

class ContactBook {
public:
    virtual ~ContactBook() = default;

    /// By id; `email` (normalised) picks one. `after` = the last id of the page before.
    virtual std::vector<ContactView> list(const std::optional<std::string>& email, std::optional<ContactId> after,
                                          int limit) = 0;
    virtual std::optional<ContactView> find(const ContactId& id) = 0;
    /// Mail that was held for a missing value goes on by itself.
    virtual std::optional<ContactView> patch(const ContactId& id, const ContactPatch& patch) = 0;

    enum class Removal { deleted, erased };
    /// Stop act, repeatable: every mail and enrolment of the person ends as `deleted`. What keeps the address out
    /// stays. `erased` takes the personal data away too, for good; of the address a keyed hash stays on the suppression
    /// list, so that no import brings it back. nullopt = no such contact.
    virtual std::optional<StopReceipt> remove(const ContactId& id, Removal removal) = 0;
};

}  // namespace sequitur::domain
