// The embedded bus's tables alone, for tests that need nothing of the rest of the schema.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace sequitur::test {

/// The text of the migration; SEQUITUR_SOURCE_DIR is set by CTest.
inline std::string bus_schema() {
    const char* source = std::getenv("SEQUITUR_SOURCE_DIR");
    std::ifstream file{std::string{source ? source : "."} + "/db/migrations/0002_bus.sql"};
    if (!file) throw std::runtime_error("0002_bus.sql not found: run in the repository or set SEQUITUR_SOURCE_DIR");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace sequitur::test
