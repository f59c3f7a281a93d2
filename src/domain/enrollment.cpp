#include "domain/enrollment.hpp"

#include <algorithm>
#include <unordered_set>

#include "domain/address.hpp"
#include "domain/text.hpp"

namespace sequitur::domain {

namespace {

// What the columns of `contacts` hold.
constexpr std::size_t person_name_chars_max = 100;
constexpr std::size_t company_chars_max = 255;
constexpr std::size_t phone_chars_max = 50;
constexpr std::size_t timezone_chars_max = 64;
constexpr std::size_t attributes_bytes_max = 64 * 1024;

/// What is wrong with one field, in words; empty: nothing.
std::string problem_of(std::string_view field, const std::optional<std::string>& text, std::size_t chars_max) {
    if (!text) return {};
    if (chars(*text) > chars_max)
        return '`' + std::string{field} + "` may have at most " + std::to_string(chars_max) + " characters.";
    if (has_control_characters(*text))
        return '`' + std::string{field} + "` must be one line without control characters.";
    return {};
}

bool has_zone_shape(const std::string& timezone) {
    return !timezone.empty() && std::ranges::all_of(timezone, [](unsigned char c) {
        return std::isalnum(c) != 0 || std::string_view{"/_+-"}.find(static_cast<char>(c)) != std::string_view::npos;
    });
}

/// What is no address may be a megabyte: its beginning says which one it was.
std::string shown(const std::string& email) {
    if (email.size() <= skipped_email_bytes_max) return email;
    auto end = skipped_email_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(email[end]) & 0xC0) == 0x80) --end;  // not through a character
    return email.substr(0, end) + "…";
}

}  // namespace

std::vector<FieldProblem> problems_of(const NewContact& contact) {
    std::vector<FieldProblem> problems;
    const auto note = [&](const char* field, std::string detail) {
        if (!detail.empty()) problems.push_back({field, std::move(detail)});
    };
    note("first_name", problem_of("first_name", contact.first_name, person_name_chars_max));
    note("last_name", problem_of("last_name", contact.last_name, person_name_chars_max));
    note("company", problem_of("company", contact.company, company_chars_max));
    note("phone", problem_of("phone", contact.phone, phone_chars_max));
    note("timezone", problem_of("timezone", contact.timezone, timezone_chars_max));
    if (contact.timezone && !has_zone_shape(*contact.timezone))
        note("timezone", "`timezone` must be a name of the IANA list, as `Europe/Berlin`.");
    if (contact.attributes.size() > attributes_bytes_max)
        note("attributes", "`attributes` may have at most " + std::to_string(attributes_bytes_max / 1024) + " KiB.");
    return problems;
}

Sifted sift(const std::vector<NewContact>& contacts) {
    Sifted sifted;
    std::unordered_set<std::string> seen;
    for (std::size_t index = 0; index < contacts.size(); ++index) {
        const auto& contact = contacts[index];
        const auto skip = [&](std::string code, std::string detail) {
            sifted.skipped.push_back({index, shown(contact.email), std::move(code), std::move(detail)});
        };
        const auto parsed = parse_address(contact.email);
        const auto* address = std::get_if<Address>(&parsed);
        if (!address) {
            skip("invalid_email", std::get<AddressProblem>(parsed).message);
            continue;
        }
        if (auto problems = problems_of(contact); !problems.empty()) {
            skip("invalid_value", std::move(problems.front().detail));
            continue;
        }
        auto email = address->normalised();
        if (!seen.insert(email).second) {
            skip("duplicate_in_request", "The same address stands before in this request.");
            continue;
        }
        sifted.candidates.push_back({index, std::move(email), &contact});
    }
    return sifted;
}

}  // namespace sequitur::domain
