#include "mutants/guards.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <stdexcept>

namespace sequitur::test {

namespace {

std::mutex mutex;
std::vector<Change> changes;
std::set<std::string> used;

std::string changed(const std::string& statement, std::string text) {
    const std::lock_guard lock{mutex};
    for (const auto& change : changes) {
        if (change.statement != statement) continue;
        const auto at = text.find(change.guard);
        if (at == std::string::npos) throw std::logic_error(statement + " has no guard " + change.guard);
        text.replace(at, change.guard.size(), change.instead);
        used.insert(statement);
    }
    return text;
}

}  // namespace

GuardsOff::GuardsOff(std::vector<Change> wanted) {
    const std::lock_guard lock{mutex};
    changes = std::move(wanted);
    used.clear();
}

GuardsOff::~GuardsOff() {
    const std::lock_guard lock{mutex};
    changes.clear();
}

bool GuardsOff::all_used() const {
    const std::lock_guard lock{mutex};
    return std::ranges::all_of(changes, [](const Change& change) { return used.contains(change.statement); });
}

}  // namespace sequitur::test

// Names that `ld --wrap=PQprepare` asks for.
extern "C" PGresult* __real_PQprepare(PGconn*, const char*, const char*, int, const Oid*);
extern "C" PGresult* __wrap_PQprepare(PGconn* connection, const char* name, const char* text, int count,
                                      const Oid* types) {
    const auto changed = sequitur::test::changed(name, text);
    return __real_PQprepare(connection, name, changed.c_str(), count, types);
}
