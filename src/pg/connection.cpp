#include "pg/connection.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "pg/bound_params.hpp"

namespace sequitur::pg {

namespace {

constexpr int binary = 1;

/// The defaults come before the URL, so the URL may say otherwise. A server that vanished without a
/// word is noticed after about 15 s, whether we wait for it (keepalives) or write to it.
PGconn* connect(const std::string& url) {
    constexpr std::array names{"connect_timeout",  "keepalives_idle", "keepalives_interval", "keepalives_count",
                               "tcp_user_timeout", "client_encoding", "application_name",    "dbname"};
    const std::array values{"5", "5", "3", "3", "15000", "UTF8", "sequitur", url.c_str()};
    static_assert(names.size() == values.size());
    std::array<const char*, names.size() + 1> keywords{};
    std::array<const char*, names.size() + 1> settings{};
    std::copy(names.begin(), names.end(), keywords.begin());
    std::copy(values.begin(), values.end(), settings.begin());
    return PQconnectdbParams(keywords.data(), settings.data(), 1);
}

void ignore_notice(void*, const PGresult*) {}

}  // namespace

void Connection::Finish::operator()(PGconn* connection) const noexcept { PQfinish(connection); }

Connection::Connection(std::string url, std::vector<std::string> settings)
    : url_(std::move(url)), settings_(std::move(settings)) {
    reconnect();
}

void Connection::reconnect() {
    prepared_.clear();
    connection_.reset();  // first: the old session's locks and place end before the new one begins
    connection_.reset(connect(url_));
    if (!connection_) throw std::bad_alloc{};
    lost_ = false;
    if (PQstatus(connection_.get()) != CONNECTION_OK) fail(nullptr);
    PQsetNoticeReceiver(connection_.get(), ignore_notice, nullptr);
    for (const auto& setting : settings_) script(setting);
}

void Connection::fail(const PGresult* result) {
    const auto error = error_of(connection_.get(), result);
    lost_ = lost_ || error.connection_lost;
    throw Error{error};
}

Result Connection::checked(PGresult* raw) {
    Result result{raw};
    const auto status = PQresultStatus(raw);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY) fail(raw);
    return result;
}

void Connection::prepare(const Statement& statement, const Params& params) {
    const std::string name{statement.name};
    const auto types = params.types();
    if (const auto known = prepared_.find(name); known != prepared_.end()) {
        if (known->second.text != statement.text) throw std::logic_error("two statements are named " + name);
        if (!std::ranges::equal(known->second.types, types))
            throw std::logic_error("statement " + name + " was prepared with other parameter types");
        return;
    }
    checked(
        PQprepare(connection_.get(), name.c_str(), std::string{statement.text}.c_str(), params.size(), types.data()));
    prepared_.emplace(name, Prepared{statement.text, {types.begin(), types.end()}});
}

Result Connection::exec(const Statement& statement, const Params& params) {
    prepare(statement, params);
    const BoundParams bound{params};
    return checked(PQexecPrepared(connection_.get(), std::string{statement.name}.c_str(), params.size(),
                                  bound.values.data(), bound.lengths.data(), bound.formats.data(), binary));
}

Result Connection::query(std::string_view sql, const Params& params) {
    const BoundParams bound{params};
    return checked(PQexecParams(connection_.get(), std::string{sql}.c_str(), params.size(), params.types().data(),
                                bound.values.data(), bound.lengths.data(), bound.formats.data(), binary));
}

void Connection::script(std::string_view sql) { checked(PQexec(connection_.get(), std::string{sql}.c_str())); }

bool Connection::healthy() {
    lost_ = lost_ || PQstatus(connection_.get()) != CONNECTION_OK;
    // The server's last words and the end of the stream behind them take two reads.
    while (!lost_ && wait_notification(Duration::zero()))
        lost_ = PQconsumeInput(connection_.get()) == 0 || PQstatus(connection_.get()) != CONNECTION_OK;
    return !lost_;
}

bool Connection::in_transaction() const { return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE; }

void Connection::roll_back() noexcept {
    if (lost_) return;
    const Result result{PQexec(connection_.get(), "ROLLBACK")};
    lost_ = PQresultStatus(result.raw()) != PGRES_COMMAND_OK;
}

int Connection::socket() const { return PQsocket(connection_.get()); }

std::vector<Notification> Connection::notifications() {
    if (!healthy()) fail(nullptr);
    std::vector<Notification> arrived;
    while (PGnotify* notify = PQnotifies(connection_.get())) {
        arrived.push_back({notify->relname, notify->extra});
        PQfreemem(notify);
    }
    return arrived;
}

bool Connection::wait_notification(Duration longest) {
    if (socket() < 0) fail(nullptr);
    pollfd waiting{.fd = socket(), .events = POLLIN, .revents = 0};
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(longest).count();
    return ::poll(&waiting, 1, static_cast<int>(ms)) > 0;
}

}  // namespace sequitur::pg
