// Whatever is accepted as an address is safe on the wire, within its limits, and stays what it is.
#include <algorithm>
#include <cassert>
#include <cstdint>

#include "domain/address.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sequitur::domain;
    const auto parsed = parse_address({reinterpret_cast<const char*>(data), size});
    if (const auto* problem = std::get_if<AddressProblem>(&parsed)) {
        assert(!problem->message.empty());
        return 0;
    }
    const auto& address = std::get<Address>(parsed);
    const auto text = address.text();
    assert(text.size() <= address_bytes_max && address.local.size() <= local_part_bytes_max);
    const auto is_safe = [](char c) { return c > ' ' && c < 0x7f && c != '<' && c != '>' && c != '"'; };
    assert(std::ranges::all_of(address.domain, is_safe));
    // Beyond ASCII only before the '@', and what is ASCII there is safe, too.
    assert(std::ranges::all_of(address.local, [&](char c) { return c < 0 || is_safe(c); }));
    assert(std::ranges::count(text, '@') == 1);
    const auto again = parse_address(text);
    assert(std::holds_alternative<Address>(again) && std::get<Address>(again) == address);
    const auto normalised = parse_address(address.normalised());
    assert(std::get<Address>(normalised).normalised() == address.normalised());
    return 0;
}
