#include "domain/effective_message_id.hpp"

#include <algorithm>

namespace sequitur::domain {

namespace {

constexpr std::size_t token_bytes_max = 200;

bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= token_bytes_max && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
}

/// `eu-west-1` of email-smtp.eu-west-1.amazonaws.com; empty: not SES.
std::string ses_region(std::string_view host) {
    std::string lower{host};
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    std::string_view rest = lower;
    constexpr std::string_view end = ".amazonaws.com";
    if (!rest.ends_with(end)) return {};
    rest.remove_suffix(end.size());
    for (const std::string_view begin : {"email-smtp.", "email-smtp-fips."})
        if (rest.starts_with(begin) && is_word(rest.substr(begin.size())))
            return std::string{rest.substr(begin.size())};
    return {};
}

}  // namespace

std::optional<std::string> effective_message_id(std::string_view smtp_host, const SmtpReply& reply) {
    const auto region = ses_region(smtp_host);
    constexpr std::string_view ok = "Ok ";
    if (region.empty() || reply.code != 250 || !reply.text.starts_with(ok)) return std::nullopt;
    const auto token = std::string_view{reply.text}.substr(ok.size());
    if (!is_word(token)) return std::nullopt;
    // The first region has kept its old name.
    const auto domain = region == "us-east-1" ? std::string{"email"} : region;
    return "<" + std::string{token} + "@" + domain + ".amazonses.com>";
}

}  // namespace sequitur::domain
