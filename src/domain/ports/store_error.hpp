// The two ways in which the database says no to a port. What a caller can expect (a lost race, no
// row) is a value and not among them.
#pragma once

#include <stdexcept>

namespace sequitur::domain {

/// The database can not be reached, or the connection broke: what was asked may or may not have happened.
/// Every port method is repeatable, so ask again.
struct StoreUnavailable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The database refused the statement; nothing of it happened. Asking again changes nothing.
struct StoreRefused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace sequitur::domain
