#pragma once

#include <string>
#include <string_view>

namespace sequitur::mail {

/// Character references replaced by their characters; what is none stays as it is.
std::string without_entities(std::string_view html);

}  // namespace sequitur::mail
