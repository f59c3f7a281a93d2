// A statement from a .sql file: prepared on first use under its file's name.
#pragma once

#include <string_view>

namespace sequitur::pg {

struct Statement {
    std::string_view name;
    std::string_view text;
};

}  // namespace sequitur::pg
