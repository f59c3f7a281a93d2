// Whether HTML is nested so that Gumbo reads it in good time.
//
// Gumbo's cost grows with the product of tags and depth: 20,000 open <div> take 36 s (google/gumbo-parser #391,
// #393). This looks at each byte once, cuts tags as HTML5 §13.2.5 does, and adds up how deep each one stands. It never
// takes a tag for less deep than Gumbo does; sloppy but flat HTML may seem deeper than it is.
#pragma once

#include <string_view>

namespace sequitur::mail {

/// false: do not give it to Gumbo. Stops at the byte where that is known.
bool is_nested_within_reason(std::string_view html);

}  // namespace sequitur::mail
