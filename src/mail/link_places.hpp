// Where the links of a step's HTML stand: the href values of <a> and <area>, as offsets into the source.
//
// Gumbo reads the source as browsers do and says where each attribute stood; nothing is written back by it, so
// comments, conditionals for Outlook, styles and odd markup stay as they are. Left out here is what the source alone
// shows: `data-no-track`, and a link whose visible text is itself a web address (a reader, and a filter against
// phishing, compares the two). Where the value leads is only known in each mail: link_tracker.hpp.
#pragma once

#include "domain/ports/link_tracker.hpp"

namespace sequitur::mail {

/// Sources above this are refused when a step is saved.
constexpr std::size_t tracked_html_bytes_max = 256 * 1024;

domain::LinkPlaces find_link_places(std::string_view html_source);

}  // namespace sequitur::mail
