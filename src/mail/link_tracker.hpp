// Links and pixel of one mail, spliced into its HTML.
//
// The value of an href is read as a browser reads it, and replaced by `BASE/t/c/TOKEN` where it leads to the web:
// not where it leads to our own host (opt-out links among them) or to one of the hosts that are to be left alone, and
// not where it is too long to be carried. The pixel is `BASE/t/o/TOKEN`. Source: mail.md §6.
#pragma once

#include "domain/ports/link_tokens.hpp"
#include "domain/ports/link_tracker.hpp"

namespace sequitur::mail {

class SplicingLinkTracker final : public domain::LinkTracker {
public:
    /// `skip_hosts`: lower case; each stands for itself and for all names below it.
    SplicingLinkTracker(const domain::LinkTokens& tokens, std::vector<std::string> skip_hosts)
        : tokens_(tokens), skip_hosts_(std::move(skip_hosts)) {}

    domain::LinkPlaces find(std::string_view html_source) const override;
    std::string track(std::string_view html, const domain::LinkPlaces& places,
                      std::span<const domain::PlacedMark> marks, const domain::TrackingWish& wish) const override;

private:
    bool is_skipped(std::string_view target, std::string_view own_host) const;

    const domain::LinkTokens& tokens_;
    const std::vector<std::string> skip_hosts_;
};

}  // namespace sequitur::mail
