// A sequence as JSON, in and out.
#pragma once

#include "domain/ports/sequences.hpp"
#include "http/fields.hpp"

namespace sequitur::http {

/// What the body says; every problem, of form and of meaning, is added to `problems`.
domain::NewSequence read_sequence(const json::value& body, Problems& problems);

json::object sequence_json(const domain::SequenceView& sequence);

}  // namespace sequitur::http
