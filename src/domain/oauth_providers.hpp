// Where a provider gives access tokens, and for what. `custom` has neither: the mailbox names its token URL.
// Sources: developers.google.com/identity/protocols/oauth2, learn.microsoft.com (authenticate an SMTP connection using
// OAuth).
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace sequitur::domain {

struct OAuthProvider {
    std::string_view name;
    std::string_view token_url;
    std::string_view scope;
};

inline constexpr std::array oauth_providers{
    OAuthProvider{"google", "https://oauth2.googleapis.com/token", ""},
    OAuthProvider{"microsoft", "https://login.microsoftonline.com/common/oauth2/v2.0/token",
                  "https://outlook.office.com/SMTP.Send offline_access"},
    OAuthProvider{"custom", "", ""},
};

/// An unknown name is like `custom`.
constexpr OAuthProvider oauth_provider(std::string_view name) {
    const auto* found = std::ranges::find(oauth_providers, name, &OAuthProvider::name);
    return found == oauth_providers.end() ? OAuthProvider{} : *found;
}

}  // namespace sequitur::domain
