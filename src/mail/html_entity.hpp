// Character references of HTML (&amp;, &#8364; …) back to the characters they stand for. HTML5 §13.5; the common
// named ones only: what is not known stays as it is written.
#pragma once

#include <string>
#include <string_view>

namespace sequitur::mail {

/// Character references replaced by their characters; what is none stays as it is.
std::string without_entities(std::string_view html);

}  // namespace sequitur::mail
