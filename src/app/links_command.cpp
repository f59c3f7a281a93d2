// `sequitur links rotate`.
#include <fmt/format.h>

#include "app/commands.hpp"
#include "app/database.hpp"
#include "app/exit_code.hpp"
#include "base/duration.hpp"
#include "store/link_key_store.hpp"

namespace sequitur::app {

int rotate_links(const Config& config) {
    auto connection = wait_for_database(config.text("database.url"), config.duration("startup.wait"), {});
    require_schema(connection);
    const auto secrets = store::Secrets::open(config.text("secrets.key_file"), connection);
    fmt::print("link key {} signs in {}; earlier keys go on verifying\n", store::rotate_link_keys(connection, secrets),
               duration_text(store::link_key_overlap));
    return done;
}

}  // namespace sequitur::app
