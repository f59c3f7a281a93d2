// What every mail ends with: who sends it, from where, and the way out.
//
// A letter that shows the link already, in the words of its author, gets nothing added. The rendered letter is looked
// at, not its source: a link in a branch that was not taken is none.
#pragma once

#include <string>
#include <string_view>

#include "domain/letter.hpp"

namespace sequitur::domain {

struct Footer {
    std::string organisation = {};
    std::string postal_address = {};  ///< lines, separated by "\n" or "; "

    bool empty() const { return organisation.empty() && postal_address.empty(); }
};

/// `unsubscribe_url` may be empty: then only what is known of the sender is added. After whatever places things in the
/// HTML by offset.
void add_footer(Letter& letter, const Footer& footer, std::string_view unsubscribe_url);

/// The same for one HTML part, which is the letter's or was made from it.
void add_footer_to_html(std::string& html, const Footer& footer, std::string_view unsubscribe_url,
                        const Letter& letter);

}  // namespace sequitur::domain
