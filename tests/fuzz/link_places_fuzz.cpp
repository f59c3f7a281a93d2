// Any HTML: its places are in order and within it, tracking changes nothing but the values at them, and it takes as
// little time as its length asks for (libFuzzer's -timeout).
#include <cassert>
#include <cstdint>

#include "mail/link_tokens.hpp"
#include "mail/link_tracker.hpp"

namespace {

using namespace sequitur;

struct Tracking {
    SystemClock clock;
    mail::SignedLinkTokens tokens{clock, {{.id = 1, .key = Secret{std::string(32, 'k')}, .signs_from = {}}}};
    mail::SplicingLinkTracker tracker{tokens, {"bank.test"}};
};

/// What is left of a mail when what was spliced in is taken out again.
void check_bytes(std::string_view html, std::string_view tracked, const domain::LinkPlaces& places) {
    std::size_t copied = 0;
    for (std::size_t i = 0; i < places.links; ++i) {
        const auto before = html.substr(copied, places.marks[2 * i] - copied);
        assert(tracked.starts_with(before));
        tracked.remove_prefix(before.size());
        const auto value = html.substr(places.marks[2 * i], places.marks[2 * i + 1] - places.marks[2 * i]);
        const bool is_ours = tracked.starts_with("https://go.test/t/c/") && !value.starts_with("https://go.test/t/c/");
        assert(is_ours || tracked.starts_with(value));
        constexpr std::string_view token = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        const auto spliced =
            is_ours ? tracked.find_first_not_of(token, std::string_view{"https://go.test/t/c/"}.size()) : 0;
        tracked.remove_prefix(is_ours ? std::min(spliced, tracked.size()) : value.size());
        copied = places.marks[2 * i + 1];
    }
    assert(tracked == html.substr(copied));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Tracking tracking;
    const std::string_view html{reinterpret_cast<const char*>(data), size};
    const auto places = tracking.tracker.find(html);
    assert(places.marks.size() == 2 * places.links + places.has_pixel_place);
    std::size_t last = 0;
    std::vector<domain::PlacedMark> marks;
    for (std::size_t i = 0; i < places.marks.size(); ++i) {
        assert(places.marks[i] >= last && places.marks[i] <= size);
        last = places.marks[i];
        marks.push_back({i, last});
    }
    const domain::TrackingWish clicks{.email = {}, .opens = false, .clicks = true, .base = "https://go.test"};
    check_bytes(html, tracking.tracker.track(html, places, marks, clicks), places);
    const domain::TrackingWish nothing{.email = {}, .opens = false, .clicks = false, .base = "https://go.test"};
    assert(tracking.tracker.track(html, places, marks, nothing) == html);
    return 0;
}
