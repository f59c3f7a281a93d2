// A migrated, empty database for one test: a copy of one that the test program migrates once.
#pragma once

#include <string>

#include "pg/connection.hpp"
#include "store/migrator.hpp"
#include "support/temp_database.hpp"

namespace sequitur::test {

inline const TempDatabase& migrated_origin() {
    static const TempDatabase origin;
    static const bool migrated = [] {
        pg::Connection connection{origin.url()};
        store::Migrator{connection}.up();
        return true;
    }();
    static_cast<void>(migrated);
    return origin;
}

class MigratedDatabase : public TempDatabase {
public:
    MigratedDatabase() : TempDatabase(migrated_origin().name()) {}
};

}  // namespace sequitur::test
