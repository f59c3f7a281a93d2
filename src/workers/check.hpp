// What a setting of a worker must be. Throws std::invalid_argument that names the setting.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace sequitur::workers {

template <class Amount> void require_above_zero(std::string_view setting, Amount amount) {
    if (amount <= Amount{}) throw std::invalid_argument(std::string{setting} + " must be above zero");
}

}  // namespace sequitur::workers
