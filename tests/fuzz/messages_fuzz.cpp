// Any bytes on the bus: no decoder crashes, and what one accepts survives being written and read again.
#include <cstdint>
#include <cstdlib>

#include "base/match.hpp"
#include "domain/messages.hpp"

using namespace sequitur;

namespace {

// The time inside the ids of the seeds.
constexpr TimePoint now{std::chrono::seconds{1'795'000'000}};

void survives(auto&& decode, std::string_view payload) {
    const auto decoded = decode(payload, now);
    std::visit(match{
                   [](const domain::Poison& poison) {
                       if (poison.reason.empty()) std::abort();
                   },
                   [&](const auto& message) {
                       const auto text = domain::encode(message);
                       const auto again = decode(text, now);
                       if (again.index() != decoded.index() && text.size() <= domain::record_bytes_max) std::abort();
                   },
               },
               decoded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view payload{reinterpret_cast<const char*>(data), size};
    survives(domain::decode_email_jobs, payload);
    survives(domain::decode_followup_events, payload);
    survives(domain::decode_email_retries, payload);
    survives(domain::decode_email_events, payload);
    if (const auto at = domain::parse_rfc3339(payload); at && domain::parse_rfc3339(domain::rfc3339(*at)) != at)
        std::abort();
    return 0;
}
