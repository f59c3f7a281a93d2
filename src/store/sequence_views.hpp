// Sequences as the API sees them, put together from set-based statements: four a page, however long the page is.
#pragma once

#include <vector>

#include "domain/ports/sequences.hpp"
#include "pg/connection.hpp"

namespace sequitur::store {

/// `sequences` are the rows of sequence_find or sequences_page; their order is kept.
std::vector<domain::SequenceView> sequence_views(pg::Connection& connection, const pg::Result& sequences);

}  // namespace sequitur::store
