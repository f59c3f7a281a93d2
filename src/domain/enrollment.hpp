// An enrolment: one contact in one sequence. Which contacts of a request are taken, and why the others are not.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "domain/sequence.hpp"

namespace sequitur::domain {

constexpr std::size_t enrol_contacts_max = 10'000;
constexpr std::size_t skipped_listed_max = 1'000;
constexpr std::size_t skipped_email_bytes_max = 320;

struct NewContact {
    std::string email;  ///< as posted
    std::optional<std::string> first_name;
    std::optional<std::string> last_name;
    std::optional<std::string> company;
    std::optional<std::string> phone;
    std::optional<std::string> timezone;
    std::string attributes;  ///< a JSON object, or empty
    bool do_not_track = false;  ///< stays set once it was
};

/// What is wrong with one member of a contact, its address apart.
struct FieldProblem {
    std::string field;
    std::string detail;
};
std::vector<FieldProblem> problems_of(const NewContact& contact);

/// Why a contact was left out; `code` is one of invalid_email, invalid_value, duplicate_in_request, already_enrolled,
/// suppressed, unsubscribed.
struct Skipped {
    std::size_t index = 0;  ///< in the request
    std::string email;  ///< as posted; the beginning of one that is too long
    std::string code;
    std::string detail;
};

/// A contact that may be enrolled: its address normalised, unique within the request.
struct Candidate {
    std::size_t index = 0;
    std::string email;  ///< normalised
    const NewContact* contact = nullptr;
};

struct Sifted {
    std::vector<Candidate> candidates;
    std::vector<Skipped> skipped;
};
/// Pure. The candidates point into `contacts`.
Sifted sift(const std::vector<NewContact>& contacts);

}  // namespace sequitur::domain
