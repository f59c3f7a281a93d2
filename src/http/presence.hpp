// Whether a member or a parameter may be left out.
#pragma once

namespace sequitur::http {

enum class Presence { optional, required };

}  // namespace sequitur::http
