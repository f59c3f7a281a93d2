// One key of the ring that signs links.
//
// A new key verifies at once and signs later, so that every process knows it before the first link that was signed
// with it comes back. Old keys verify for ever: a link in a mail outlives every rotation.
#pragma once

#include <vector>

#include "base/clock.hpp"
#include "base/secret.hpp"

namespace sequitur::domain {

constexpr int link_key_id_max = 255;  ///< one byte in the token; ids count from 1

struct LinkKey {
    int id = 0;
    Secret key;
    TimePoint signs_from;
};
using LinkKeys = std::vector<LinkKey>;

}  // namespace sequitur::domain
