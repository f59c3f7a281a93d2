#include "base/buffers.hpp"

#include <algorithm>
#include <array>

#include "base/release.hpp"

namespace sequitur {

namespace {

constexpr std::size_t kept_bytes_min = 1'024;
constexpr std::size_t kept_bytes_max = 64 * 1'024;
using Kept = std::array<std::string, 6>;

Kept& kept_by_thread() {
    thread_local Kept kept;
    return kept;
}

}  // namespace

std::string take_buffer(std::size_t bytes) {
    auto& kept = kept_by_thread();
    std::string taken;
    const auto fits = [&](const auto& one) { return one.capacity() >= bytes && one.capacity() <= bytes + bytes / 4; };
    const auto found = std::ranges::find_if(kept, fits);
    if (found != kept.end()) taken.swap(*found);
    taken.clear();
    taken.reserve(bytes);
    return taken;
}

void give_back(std::string& used) {
    if (used.capacity() >= kept_bytes_min && used.capacity() <= kept_bytes_max) {
        auto& kept = kept_by_thread();
        const auto least = std::ranges::min_element(kept, {}, [](const auto& one) { return one.capacity(); });
        if (least->capacity() < used.capacity()) least->swap(used);
    }
    release(used);
}

}  // namespace sequitur
