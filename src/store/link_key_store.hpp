// The ring of keys that signs links, as the database keeps it: sealed, shared by all processes, never emptied.
#pragma once

#include "domain/link_key.hpp"
#include "pg/connection.hpp"
#include "store/secrets.hpp"

namespace sequitur::store {

/// A new key only verifies for so long: by then every process has read it (app/link_ring.hpp reads more often).
constexpr Duration link_key_overlap = std::chrono::minutes{10};

/// The whole ring; makes the first key where there is none, one for all processes that start together.
/// Throws SecretsError, pg::Error.
domain::LinkKeys load_link_keys(pg::Connection& connection, const Secrets& secrets);

/// One key more; returns its id. Throws std::runtime_error when all ids are used or another process was quicker.
int rotate_link_keys(pg::Connection& connection, const Secrets& secrets);

}  // namespace sequitur::store
