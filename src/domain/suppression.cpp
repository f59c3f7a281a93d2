#include "domain/suppression.hpp"

#include "domain/text.hpp"

namespace sequitur::domain {

std::variant<Suppressed, AddressProblem> parse_suppressed(std::string_view text) {
    const auto at = text.find('@');
    const bool is_domain = at == std::string_view::npos || is_blank(text.substr(0, at));
    if (is_domain) {
        auto domain = parse_mail_domain(at == std::string_view::npos ? text : text.substr(at + 1));
        if (auto* problem = std::get_if<AddressProblem>(&domain)) return std::move(*problem);
        return Suppressed{"domain", std::get<std::string>(std::move(domain))};
    }
    auto address = parse_address(text);
    if (auto* problem = std::get_if<AddressProblem>(&address)) return std::move(*problem);
    return Suppressed{"email", std::get<Address>(address).normalised()};
}

}  // namespace sequitur::domain
