// The arrays libpq wants for a Params; borrows its bytes.
#pragma once

#include <vector>

#include "pg/params.hpp"

namespace sequitur::pg {

struct BoundParams {
    explicit BoundParams(const Params& params) {
        const auto count = static_cast<std::size_t>(params.size());
        values.reserve(count);
        lengths.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            values.push_back(params.null(i) ? nullptr : params.value(i).data());
            lengths.push_back(static_cast<int>(params.value(i).size()));
        }
        formats.assign(count, 1);
    }

    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;
};

}  // namespace sequitur::pg
