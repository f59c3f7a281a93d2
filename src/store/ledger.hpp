// The ledger of an SMTP sink: one JSON object a line for every mail it accepted, written before it answered.
#pragma once

#include <istream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace sequitur::store {

struct LedgerError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Lines as columns: they go to the database as arrays.
struct LedgerColumns {
    std::vector<std::int32_t> lines;
    std::vector<TimePoint> times;
    std::vector<std::string> message_ids;
    std::vector<std::string> recipients;
    std::vector<std::optional<EmailId>> emails;  ///< from the Message-ID, where it has our form
};

/// At most `lines_max` further lines; empty at the end. A last line without its end was cut off by a crash before
/// the answer, and does not count. Throws LedgerError with the line's number.
class LedgerReader {
public:
    explicit LedgerReader(std::istream& stream) : stream_(stream) {}
    LedgerColumns next(std::size_t lines_max);

private:
    std::istream& stream_;
    std::int32_t line_ = 0;
};

}  // namespace sequitur::store
