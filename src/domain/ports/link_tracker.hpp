// Tracking in a mail's HTML: its links and the pixel. The places are found once, in the source of a step version with
// its variables in it; each mail then only has the values at these places replaced. Every other byte stays.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "domain/template.hpp"

namespace sequitur::domain {

/// Offsets into the source, ascending, as the template takes them (Template::compile()).
struct LinkPlaces {
    std::vector<std::size_t> marks;  ///< of each link the begin and the end of its href, then the pixel's place
    std::size_t links = 0;
    bool has_pixel_place = false;  ///< the last mark; else the pixel goes to the end
};

/// What one mail is to carry.
struct TrackingWish {
    EmailId email;
    bool opens = false;
    bool clicks = false;
    std::string_view base;  ///< link_base(); empty: nothing
};

/// Thread-safe.
class LinkTracker {
public:
    virtual ~LinkTracker() = default;
    /// Linear in the source. Without links where the source is nested beyond reason.
    virtual LinkPlaces find(std::string_view html_source) const = 0;
    /// `html` with its links and the pixel; `marks` say where the places are in it. A link's number is its place in
    /// the source, so that it is the same in every mail of a step version.
    virtual std::string track(std::string_view html, const LinkPlaces& places, std::span<const PlacedMark> marks,
                              const TrackingWish& wish) const = 0;
};

}  // namespace sequitur::domain
