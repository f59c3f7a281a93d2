#include "domain/address.hpp"

#include <idn2.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/byte_scan.hpp"

namespace sequitur::domain {

namespace {

constexpr std::size_t label_bytes_max = 63;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
    std::string result{text};
    std::ranges::transform(result, result.begin(), [](char c) { return lower(c); });
    return result;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// RFC 5322 §3.2.3 atext.
bool is_atext(char c) {
    return is_letter_or_digit(c) || std::string_view{"!#$%&'*+-/=?^_`{|}~"}.find(c) != std::string_view::npos;
}

// RFC 6532 §3.1: well-formed UTF-8. Neither C1 controls nor what turns the reading direction nor other invisible signs
// of U+2000–206F, since nobody could tell two such addresses apart.
bool is_local_utf8(std::string_view local) {
    for (std::size_t at = 0; at < local.size();) {
        const auto octet = [&](std::size_t i) {
            return at + i < local.size() ? static_cast<unsigned char>(local[at + i]) : 0U;
        };
        const auto first = octet(0);
        const std::size_t bytes = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if (bytes == 0 || first > 0xF4) return false;
        for (std::size_t i = 1; i < bytes; ++i)
            if ((octet(i) & 0xC0) != 0x80) return false;
        const bool is_misformed = (first == 0xE0 && octet(1) < 0xA0) || (first == 0xED && octet(1) > 0x9F) ||
                                  (first == 0xF0 && octet(1) < 0x90) || (first == 0xF4 && octet(1) > 0x8F);
        const bool is_control = first == 0xC2 && octet(1) <= 0xA0;
        const bool is_invisible = first == 0xE2 && (octet(1) == 0x80 || (octet(1) == 0x81 && octet(2) >= 0xA0));
        if (is_misformed || is_control || is_invisible) return false;
        at += bytes;
    }
    return true;
}

std::optional<std::string> problem_of_local(std::string_view local) {
    if (local.empty()) return "nothing stands before the '@'";
    if (local.size() > local_part_bytes_max) return "more than 64 characters before the '@'";
    if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos)
        return "a dot before the '@' must stand between two other characters";
    if (!scan::is_ascii(local) && !is_local_utf8(local))
        return "the part before the '@' is not text in UTF-8, or holds invisible signs";
    if (!std::ranges::all_of(local, [](char c) { return is_atext(c) || c == '.' || (c & 0x80) != 0; }))
        return "blanks, quotes, brackets and control characters are not allowed before the '@'";
    return std::nullopt;
}

// libidn2 lets `a..b` pass, and with its STD3 flag turns ex_ample into example: labels are checked here.
std::optional<std::string> problem_of_labels(std::string_view domain) {
    if (domain.size() > domain_bytes_max) return "the domain has more than 255 characters";
    if (domain.find('.') == std::string_view::npos)
        return "the domain has no dot; write it in full, as in name@example.com";
    while (true) {
        const auto label = domain.substr(0, domain.find('.'));
        if (label.empty()) return "the domain has an empty part between two dots or at an end";
        if (label.size() > label_bytes_max) return "a part of the domain has more than 63 characters";
        if (label.front() == '-' || label.back() == '-') return "a part of the domain begins or ends with a hyphen";
        if (!std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; }))
            return "the domain may hold letters, digits, hyphens and dots only";
        if (label.size() == domain.size()) break;
        domain.remove_prefix(label.size() + 1);
    }
    if (std::ranges::all_of(domain, [](char c) { return c >= '0' && c <= '9'; }))
        return "the domain is an IP address; write the name of the mail domain";
    return std::nullopt;
}

std::variant<std::string, AddressProblem> to_a_label(std::string_view domain) {
    if (domain.size() > 4 * domain_bytes_max) return AddressProblem{"the domain has more than 255 characters"};
    char* raw = nullptr;
    const int error = ::idn2_to_ascii_8z(std::string{domain}.c_str(), &raw, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
    const std::unique_ptr<char, decltype(&::idn2_free)> owned{raw, &::idn2_free};
    if (error != IDN2_OK)
        return AddressProblem{"the domain is not valid (" + std::string{::idn2_strerror(error)} +
                              "); check its spelling"};
    return lower(raw);
}

std::variant<std::string, AddressProblem> parse_domain(std::string_view domain) {
    if (domain.empty()) return AddressProblem{"nothing stands after the '@'"};
    if (domain.front() == '[')
        return AddressProblem{"an IP address is not accepted; write the name of the mail domain"};
    if (std::ranges::any_of(domain, [](char c) { return (c >= 0 && c <= ' ') || c == 0x7f; }))
        return AddressProblem{"blanks and control characters are not allowed after the '@'"};
    if (scan::is_ascii(domain))  // says what is wrong in our words where libidn2 would only refuse
        if (auto problem = problem_of_labels(domain)) return AddressProblem{std::move(*problem)};
    auto label = to_a_label(domain);
    if (const auto* text = std::get_if<std::string>(&label))
        if (auto problem = problem_of_labels(*text)) return AddressProblem{std::move(*problem)};
    return label;
}

}  // namespace

std::string Address::normalised() const { return lower(local) + '@' + domain; }

std::variant<std::string, AddressProblem> parse_mail_domain(std::string_view text) {
    return parse_domain(trimmed(text));
}

std::variant<Address, AddressProblem> parse_address(std::string_view text) {
    text = trimmed(text);
    if (text.empty()) return AddressProblem{"the address is empty"};
    const auto at = text.rfind('@');
    if (at == std::string_view::npos) return AddressProblem{"an address needs an '@', as in name@example.com"};
    const auto local = text.substr(0, at);
    if (auto problem = problem_of_local(local)) return AddressProblem{std::move(*problem)};
    auto domain = parse_domain(text.substr(at + 1));
    if (auto* problem = std::get_if<AddressProblem>(&domain)) return std::move(*problem);
    Address address{std::string{local}, std::move(std::get<std::string>(domain))};
    if (address.local.size() + 1 + address.domain.size() > address_bytes_max)
        return AddressProblem{"an address may have at most 254 characters"};
    return address;
}

}  // namespace sequitur::domain
