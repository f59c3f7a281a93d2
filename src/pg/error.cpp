#include "pg/error.hpp"

#include <libpq-fe.h>

#include <string_view>

namespace sequitur::pg {

namespace {

std::string field(const PGresult* result, int code) {
    const char* text = result ? PQresultErrorField(result, code) : nullptr;
    return text ? text : "";
}

std::string without_newline(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

}  // namespace

Error error_of(PGconn* connection, const PGresult* result) {
    const auto primary = field(result, PG_DIAG_MESSAGE_PRIMARY);
    const auto sqlstate = field(result, PG_DIAG_SQLSTATE);
    auto message = primary.empty() ? without_newline(PQerrorMessage(connection)) : primary + " (" + sqlstate + ")";
    Error error{message.empty() ? "the connection to the database is broken" : message};
    error.sqlstate = sqlstate;
    error.constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    error.detail = field(result, PG_DIAG_MESSAGE_DETAIL);
    const auto severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    error.connection_lost = PQstatus(connection) == CONNECTION_BAD || severity == "FATAL" || severity == "PANIC";
    return error;
}

}  // namespace sequitur::pg
