#include "pg/result.hpp"

#include <libpq-fe.h>

#include <cassert>
#include <charconv>
#include <stdexcept>

namespace sequitur::pg {

static_assert(std::is_same_v<TypeOid, Oid>);

void Result::Clear::operator()(PGresult* result) const noexcept { PQclear(result); }

int Result::rows() const { return PQntuples(result_.get()); }
int Result::columns() const { return PQnfields(result_.get()); }

std::int64_t Result::affected() const {
    const std::string_view text = PQcmdTuples(result_.get());
    std::int64_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
}

std::string_view Result::command() const { return PQcmdStatus(result_.get()); }

bool Result::null(int row, int column) const {
    assert(row >= 0 && row < rows() && column >= 0 && column < columns());
    return PQgetisnull(result_.get(), row, column) != 0;
}

TypeOid Result::type(int column) const { return PQftype(result_.get(), column); }

std::string_view Result::bytes(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

void Result::refuse(int column, std::string_view why) const {
    throw std::logic_error("column \"" + std::string{PQfname(result_.get(), column)} + "\" (type " +
                           std::to_string(type(column)) + ") " + std::string{why});
}

}  // namespace sequitur::pg
