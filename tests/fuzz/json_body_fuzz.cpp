// Any bytes as a request's body: read strictly, then as a sequence. Nothing may crash, and what is
// taken must survive being written and read again.
#include "http/sequence_json.hpp"
#include "http/strict_json.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sequitur::http;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto parsed = parse_strictly(text);
    if (!parsed.malformed.empty()) return 0;
    if (parsed.problems.empty()) {
        const auto again = parse_strictly(json::serialize(parsed.value));
        if (!again.malformed.empty() || again.value != parsed.value) std::abort();
    }
    Problems problems;
    read_sequence(parsed.value, problems);
    return 0;
}
