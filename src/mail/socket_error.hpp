// Why the system refused, in its words.
#pragma once

#include <string>
#include <system_error>

namespace sequitur::mail {

inline std::string error_text(int error) { return std::system_category().message(error); }

}  // namespace sequitur::mail
