// One session with the server, used by one thread at a time.
//
// Every statement outside pg::Transaction is a transaction of its own. A lost connection is never
// repaired behind the caller's back: the call throws with `connection_lost`, and whoever knows what
// that means for its work calls reconnect().
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pg/error.hpp"
#include "pg/params.hpp"
#include "pg/result.hpp"
#include "pg/statement.hpp"

namespace sequitur::pg {

struct Notification {
    std::string channel;
    std::string payload;
};

class Connection {
public:
    /// Connects; throws Error. Each of `settings` is one SET statement, run after every connect.
    explicit Connection(std::string url, std::vector<std::string> settings = {});

    /// Prepares the statement at its first use on this connection, then only binds and executes.
    Result exec(const Statement& statement, const Params& params = {});
    /// One statement, unprepared.
    Result query(std::string_view sql, const Params& params = {});
    /// Any number of statements without parameters, in one transaction unless they say otherwise.
    void script(std::string_view sql);

    /// False once the connection is known to be lost; notices a server that went away while idle.
    bool healthy();
    /// True inside a transaction block, failed or not.
    bool in_transaction() const;
    /// A new session: nothing prepared, no LISTEN, no open transaction. Throws Error.
    void reconnect();

    /// What has arrived; never waits. Throws Error.
    std::vector<Notification> notifications();
    /// Waits until something arrives on the socket, at most `longest`; false if nothing did. Ask
    /// notifications() first: what came along with an answer does not arrive again.
    bool wait_notification(Duration longest);
    int socket() const;

private:
    friend class Pipeline;
    friend class Transaction;
    struct Finish {
        void operator()(pg_conn* connection) const noexcept;
    };
    struct Prepared {
        std::string_view text;
        std::vector<TypeOid> types;
    };

    void prepare(const Statement& statement, const Params& params);
    /// Takes ownership; throws unless the command succeeded.
    Result checked(pg_result* result);
    [[noreturn]] void fail(const pg_result* result);
    void roll_back() noexcept;

    std::string url_;
    std::vector<std::string> settings_;
    std::unique_ptr<pg_conn, Finish> connection_;
    bool lost_ = false;
    std::unordered_map<std::string, Prepared> prepared_;
};

}  // namespace sequitur::pg
