#include "mail/link_tracker.hpp"

#include <algorithm>

#include "domain/link_target.hpp"
#include "mail/html_entity.hpp"
#include "mail/link_places.hpp"

namespace sequitur::mail {

namespace {

constexpr auto npos = std::string_view::npos;
constexpr int links_max = 65'535;

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/// What a browser makes of the references, or nullopt where we know less of them than it does: it also reads some
/// without their semicolon (HTML5 §13.2.5.73), and two thousand names.
std::optional<std::string> decoded(std::string_view value) {
    for (auto amp = value.find('&'); amp != npos; amp = value.find('&', amp + 1)) {
        const auto rest = value.substr(amp + 1);
        const auto word =
            rest.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(rest, is_word) - rest.begin()));
        if (word.empty()) continue;
        const auto after = rest.substr(word.size());
        const auto reference = "&" + std::string{word} + ";";
        const bool is_known = without_entities(reference) != reference;
        if (after.starts_with(';') ? !is_known : is_known && !after.starts_with('=')) return std::nullopt;
    }
    return without_entities(value);
}

/// npos: its place is in a branch that this mail has not taken.
std::size_t offset_of(std::span<const domain::PlacedMark> marks, std::size_t mark) {
    const auto found = std::ranges::lower_bound(marks, mark, {}, &domain::PlacedMark::mark);
    return found != marks.end() && found->mark == mark ? found->offset : npos;
}

}  // namespace

domain::LinkPlaces SplicingLinkTracker::find(std::string_view html_source) const {
    return find_link_places(html_source);
}

bool SplicingLinkTracker::is_skipped(std::string_view target, std::string_view own_host) const {
    const auto host = domain::host_of(target);
    return host == own_host || std::ranges::any_of(skip_hosts_, [&](const auto& skipped) {
               return host == skipped || host.ends_with("." + skipped);
           });
}

std::string SplicingLinkTracker::track(std::string_view html, const domain::LinkPlaces& places,
                                       std::span<const domain::PlacedMark> marks,
                                       const domain::TrackingWish& wish) const {
    std::string out;
    std::size_t copied = 0;
    const auto own_host = domain::host_of(wish.base);
    const auto link = [&](std::string_view path, const domain::LinkToken& token) {
        return std::string{wish.base}.append(path).append(tokens_.sign(token));
    };
    for (std::size_t i = 0; wish.clicks && i < places.links && i <= links_max; ++i) {
        const auto begin = offset_of(marks, 2 * i);
        const auto end = offset_of(marks, 2 * i + 1);
        if (begin == npos || end == npos || begin < copied || end <= begin) continue;
        const auto href = decoded(html.substr(begin, end - begin));
        const auto target = href ? domain::link_target(*href) : std::nullopt;
        if (!target || is_skipped(*target, own_host)) continue;
        out += html.substr(copied, begin - copied);
        out += link(
            "/t/c/",
            {.purpose = domain::LinkPurpose::click, .email = wish.email, .index = static_cast<int>(i), .url = *target});
        copied = end;
    }
    if (wish.opens) {
        const auto found = places.has_pixel_place ? offset_of(marks, 2 * places.links) : npos;
        const auto place = found == npos || found < copied ? html.size() : found;
        out += html.substr(copied, place - copied);
        out += "<img src=\"" +
               link("/t/o/", {.purpose = domain::LinkPurpose::open, .email = wish.email, .index = 0, .url = {}}) +
               "\" width=\"1\" height=\"1\" alt=\"\">";
        copied = place;
    }
    return out += html.substr(copied);
}

}  // namespace sequitur::mail
