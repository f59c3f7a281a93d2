// Whatever somebody asks for under /t or /u is refused, or is the very text that we sign; and whatever we sign is read.
#include <array>
#include <cassert>
#include <cstdint>

#include "mail/link_tokens.hpp"

namespace {

using namespace sequitur;

const mail::SignedLinkTokens& tokens() {
    static const SystemClock clock;
    static const mail::SignedLinkTokens made{clock, {{.id = 1, .key = Secret{std::string(32, 'k')}, .signs_from = {}}}};
    return made;
}

constexpr std::array all{domain::LinkPurpose::open, domain::LinkPurpose::click, domain::LinkPurpose::unsubscribe};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    for (const auto purpose : all)
        if (const auto read = tokens().read(purpose, text)) assert(tokens().sign(*read) == text);

    domain::LinkToken token{.purpose = all[size % all.size()], .email = {}, .index = static_cast<int>(size), .url = {}};
    if (token.purpose == domain::LinkPurpose::click) token.url = text.substr(0, domain::link_url_bytes_max);
    auto made = tokens().sign(token);
    for (const auto purpose : all)
        assert(tokens().read(purpose, made) == (purpose == token.purpose ? std::optional{token} : std::nullopt));
    made[size % made.size()] = made[size % made.size()] == 'A' ? 'B' : 'A';
    assert(!tokens().read(token.purpose, made));
    return 0;
}
