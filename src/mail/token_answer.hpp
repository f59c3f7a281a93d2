// What a provider's token endpoint said (RFC 6749 §5), read. Pure.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/clock.hpp"
#include "domain/ports/token_source.hpp"

namespace sequitur::mail {

struct GivenToken {
    Secret access_token;
    Duration good_for{};
    std::optional<Secret> refresh_token;  ///< a new one, in place of the one that was used
};

/// The form of a refresh.
std::string token_request(const domain::OAuthClient& client, const Secret& refresh_token);

std::variant<GivenToken, domain::NoToken> read_token_answer(int status, const std::string& body);

}  // namespace sequitur::mail
